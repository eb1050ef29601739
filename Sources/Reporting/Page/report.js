"use strict";
// Sorting, filtering, print and the download of the data. The page reads without any of it.
(() => {
  // Paper has everything: what is folded is opened for it, and folded again afterwards.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));

  // Sorting: by the values behind the figures; what has none comes last both ways.
  const sortKey = (cell) => {
    if (!cell) return null;
    const number = cell.dataset.v;
    return number === undefined ? (cell.classList.contains("figure") ? null : cell.textContent.trim().toLowerCase()) : Number(number);
  };
  const sortRows = (table, column, descending) => {
    const rows = [...table.tBodies[0].rows];
    const keyed = rows.map((row, index) => ({ row, index, key: sortKey(row.cells[column]) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.index - b.index;
      const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
      return (descending ? -order : order) || a.index - b.index;
    });
    table.tBodies[0].append(...keyed.map((entry) => entry.row));
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const descending = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sortRows(table, column, descending);
      });
    });
  });

  // Filtering the main table: rows that hold all the words.
  const results = document.getElementById("results-table");
  if (results && results.tBodies[0].rows.length > 6) {
    const bar = document.createElement("div");
    bar.className = "filter";
    const label = document.createElement("label");
    label.htmlFor = "results-filter";
    label.textContent = "Show rows with";
    const input = document.createElement("input");
    Object.assign(input, { id: "results-filter", type: "search", placeholder: "flash cpu:0", autocomplete: "off" });
    const count = document.createElement("output");
    count.htmlFor = "results-filter";
    bar.append(label, input, count);
    results.parentElement.before(bar);
    const update = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const rows = [...results.tBodies[0].rows];
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      });
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} measurements`;
    };
    input.addEventListener("input", update);
    update();
  }

  // The data of a run as a file.
  document.querySelectorAll("a.download").forEach((link) => {
    const data = document.getElementById(link.dataset.source);
    if (!data) return;
    link.href = URL.createObjectURL(new Blob([data.textContent], { type: "application/json" }));
    link.hidden = false;
  });
})();
