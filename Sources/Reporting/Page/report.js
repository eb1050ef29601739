"use strict";
// Sorting, filtering, print and the download of the data. The page reads without any of it.
(() => {
  // Paper has every table: what is folded is opened for it, and folded again afterwards. Sources are for a screen.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open], .place, .source, .figures:not(.only))")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));

  // A long table shows its first rows, and more as it is scrolled: a browser takes seconds to lay ten thousand of them out.
  const step = 200;
  const shown = new WeakMap();
  const show = (table) => {
    let room = shown.get(table) ?? step;
    for (const row of table.tBodies[0].rows) row.hidden = "out" in row.dataset || room-- <= 0;
  };
  const showMore = (table, count) => {
    const now = shown.get(table) ?? step;
    if (now >= table.tBodies[0].rows.length) return;
    shown.set(table, now + count);
    show(table);
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    if (table.tBodies[0].rows.length <= step) return;
    show(table);
    const frame = table.parentElement;
    frame.addEventListener("scroll", () => {
      if (frame.scrollTop + frame.clientHeight > frame.scrollHeight - 800) showMore(table, step);
    }, { passive: true });
    addEventListener("beforeprint", () => showMore(table, Infinity));
  });
  // What the address names is shown, wherever it is: in a row that is not there yet, or folded.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const row = target.closest("tr");
    if (row) { delete row.dataset.out; row.hidden = false; }
    for (let part = target; part; part = part.parentElement) if (part.localName === "details") part.open = true;
    // Sections above get their true heights when they are laid out, which moves the target: once more when that is done.
    const scroll = () => target.scrollIntoView({ block: target.localName === "section" ? "start" : "center" });
    scroll();
    requestAnimationFrame(() => requestAnimationFrame(scroll));
  };
  addEventListener("hashchange", reveal);

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
    const ordered = document.createDocumentFragment();
    keyed.forEach((entry) => ordered.append(entry.row));
    table.tBodies[0].append(ordered);
    show(table);
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
      let found = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        if (words.every((word) => text.includes(word))) { delete row.dataset.out; found += 1; } else row.dataset.out = "";
      });
      show(results);
      count.textContent = `${found} of ${rows.length} measurements`;
    };
    // The words stand in the address, so that a link shows what its sender saw.
    const address = new URL(location.href);
    input.value = address.searchParams.get("show") ?? "";
    input.addEventListener("input", () => {
      update();
      if (input.value) address.searchParams.set("show", input.value); else address.searchParams.delete("show");
      address.hash = location.hash;
      try { history.replaceState(null, "", address); } catch { /* A page without an address of its own keeps none. */ }
    });
    update();
  }

  reveal();

  // The data of a run as a file.
  document.querySelectorAll("a.download").forEach((link) => {
    const data = document.getElementById(link.dataset.source);
    if (!data) return;
    link.href = URL.createObjectURL(new Blob([data.textContent], { type: "application/json" }));
    link.hidden = false;
  });
})();
