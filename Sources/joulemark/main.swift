print("joulemark")
