"use strict";
// Charts, sorting, filtering and the download of the data. The page reads without any of it.
(() => {
  // Okabe and Ito's colours, darkened or lightened until they stand out from the page. Shapes repeat what colours say.
  const palettes = {
    light: ["#b34700", "#0a66b0", "#00785a", "#94478f", "#806600", "#40474f", "#2f8fbf", "#c2185b"],
    dark: ["#ff9d57", "#6bb8f0", "#3fcf9f", "#e09fdb", "#e3cc4b", "#c4cbd3", "#9fdcff", "#ff8db5"],
  };
  const shapes = ["rect", "circle", "triangle", "rectRot", "star", "crossRot", "cross", "rectRounded"];
  // Stages have colours of their own, so that none is taken for a strategy's.
  const stagePalettes = {
    light: ["#3d5a80", "#86a8cf", "#5b8a72", "#b39b52", "#8d6a9f", "#c08a72", "#4f8f9c"],
    dark: ["#8fb0dc", "#4f6f9a", "#7fb89b", "#d6c37f", "#b593c6", "#d9a48c", "#7cc0cc"],
  };
  const darkQuery = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  const theme = () => {
    const dark = darkQuery.matches && !printing;
    return dark
      ? { colours: palettes.dark, stages: stagePalettes.dark, band: "#1a1e23", ink: "#e4e8ec", muted: "#a2acb7", grid: "#2b3138", page: "#14171b" }
      : { colours: palettes.light, stages: stagePalettes.light, band: "#f6f8fa", ink: "#1b1f24", muted: "#57606a", grid: "#e4e8ec", page: "#ffffff" };
  };
  const colourOf = (style, look) => (style < 0 ? look.muted : look.colours[style % look.colours.length]);
  const shapeOf = (style) => shapes[Math.max(style, 0) % shapes.length];
  const plainNumber = (value) => {
    const text = String(Number(value.toPrecision(3)));
    return text.includes("e") ? text : text.replace("-", "−");
  };

  // Every other row lies on a band, so that a row's series are seen to belong together.
  const rowBands = {
    id: "rowBands",
    beforeDraw(chart, _, options) {
      const { ctx, scales: { y }, chartArea } = chart;
      ctx.save();
      ctx.fillStyle = options.colour;
      for (let row = 0; row < (options.rows ?? 0); row += 2) {
        const top = y.getPixelForValue(row - 0.5);
        ctx.fillRect(chartArea.left, top, chartArea.width, y.getPixelForValue(row + 0.5) - top);
      }
      ctx.restore();
    },
  };

  const intervalBars = {
    id: "intervalBars",
    beforeDatasetsDraw(chart) {
      const { ctx, scales: { x }, chartArea } = chart;
      chart.data.datasets.forEach((dataset, index) => {
        if (!chart.isDatasetVisible(index)) return;
        const elements = chart.getDatasetMeta(index).data;
        ctx.save();
        ctx.strokeStyle = dataset.borderColor;
        ctx.lineWidth = 1.5;
        dataset.data.forEach((point, position) => {
          if (point?.low == null || point.high == null || !elements[position]) return;
          const y = elements[position].y;
          const left = Math.max(x.getPixelForValue(point.low), chartArea.left);
          const right = Math.min(x.getPixelForValue(point.high), chartArea.right);
          ctx.beginPath();
          ctx.moveTo(left, y);
          ctx.lineTo(right, y);
          for (const end of [left, right]) {
            ctx.moveTo(end, y - 4);
            ctx.lineTo(end, y + 4);
          }
          ctx.stroke();
        });
        ctx.restore();
      });
    },
  };

  const referenceLine = {
    id: "referenceLine",
    beforeDatasetsDraw(chart, _, options) {
      if (options.value == null) return;
      const { ctx, scales: { x }, chartArea } = chart;
      const position = x.getPixelForValue(options.value);
      ctx.save();
      ctx.strokeStyle = options.colour;
      ctx.lineWidth = 1.5;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(position, chartArea.top);
      ctx.lineTo(position, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };

  // Names beside points, where they fit: a label that would cover another is left out, its figure is in the table.
  const pointLabels = {
    id: "pointLabels",
    afterDatasetsDraw(chart, _, options) {
      const { ctx, chartArea } = chart;
      // The points themselves may not be covered either.
      const taken = chart.data.datasets.flatMap((_, index) =>
        chart.isDatasetVisible(index)
          ? chart.getDatasetMeta(index).data.map((point) => ({ left: point.x - 5, right: point.x + 5, top: point.y - 5, bottom: point.y + 5 }))
          : []);
      ctx.save();
      ctx.font = "11px system-ui, sans-serif";
      ctx.fillStyle = options.colour;
      ctx.textBaseline = "middle";
      chart.data.datasets.forEach((dataset, index) => {
        if (!chart.isDatasetVisible(index)) return;
        const elements = chart.getDatasetMeta(index).data;
        dataset.data.forEach((point, position) => {
          const element = elements[position];
          if (!point?.label || !element) return;
          const width = ctx.measureText(point.label).width;
          // Beside the point, else above or below it, wherever nothing else is.
          const places = [[8, 0], [-8 - width, 0], [-width / 2, -14], [-width / 2, 14], [6, -14], [6, 14]];
          const boxes = places.map(([dx, dy]) => ({
            left: element.x + dx, right: element.x + dx + width, top: element.y + dy - 7, bottom: element.y + dy + 7,
          }));
          const free = boxes.find((box) =>
            box.left > chartArea.left && box.right < chartArea.right &&
            !taken.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top));
          if (!free) return;
          taken.push(free);
          ctx.fillText(point.label, free.left, (free.top + free.bottom) / 2);
        });
      });
      ctx.restore();
    },
  };

  const axis = (look, text) => ({
    title: { display: Boolean(text), text, color: look.muted, font: { size: 12 } },
    grid: { color: look.grid, borderColor: look.grid },
    ticks: { color: look.muted, font: { size: 12 } },
  });

  const numberAxis = (look, text, logarithmic, range) => {
    const result = axis(look, text);
    result.type = logarithmic ? "logarithmic" : "linear";
    if (range) [result.min, result.max] = range;
    // On logarithmic axes the shorter the range, the more steps of a decade carry a number.
    const span = range ? range[1] / range[0] : 1000;
    const steps = span < 12 ? [1, 2, 3, 5, 7] : span < 200 ? [1, 2, 5] : [1];
    const leading = (value) => Number((value / 10 ** Math.floor(Math.log10(value) + 1e-9)).toPrecision(6));
    result.ticks.callback = (value) => (!logarithmic || steps.includes(leading(value)) ? plainNumber(value) : "");
    result.ticks.autoSkip = true;
    result.ticks.maxRotation = 0;
    return result;
  };

  const rowAxis = (look, rows) => {
    const result = axis(look, "");
    Object.assign(result, { type: "linear", reverse: true, min: -0.5, max: rows.length - 0.5 });
    result.afterBuildTicks = (scale) => { scale.ticks = rows.map((_, value) => ({ value })); };
    result.ticks.callback = (value) => rows[value];
    result.ticks.autoSkip = false;
    result.ticks.font = { size: 11 };
    result.ticks.crossAlign = "far";
    result.grid.display = false;
    return result;
  };

  const pointDataset = (series, look) => {
    const colour = colourOf(series.style, look);
    return {
      label: series.name,
      data: series.points,
      borderColor: colour,
      backgroundColor: colour,
      pointBackgroundColor: series.points.map((point) => (point.modelled ? look.page : colour)),
      pointBorderColor: colour,
      pointBorderWidth: 2,
      pointStyle: shapeOf(series.style),
      pointRadius: 5,
      pointHoverRadius: 7,
    };
  };

  const lineDataset = (series, look) => ({
    label: series.name,
    data: series.points,
    showLine: true,
    borderColor: look.muted,
    backgroundColor: look.muted,
    borderWidth: 2,
    pointRadius: 0,
    pointHitRadius: 0,
    pointStyle: "line",
  });

  const stackDataset = (series, look, rows) => {
    const byRow = new Map(series.points.map((point) => [point.y, point]));
    const colour = series.style < 0 ? look.muted : look.stages[series.style % look.stages.length];
    return {
      label: series.name,
      data: rows.map((_, row) => (byRow.has(row) ? byRow.get(row).x : null)),
      texts: rows.map((_, row) => (byRow.has(row) ? byRow.get(row).text : "")),
      backgroundColor: colour,
      borderColor: look.page,
      borderWidth: 1,
      pointStyle: "rect",
      barThickness: 16,
    };
  };

  const configuration = (chart) => {
    const look = theme();
    const isStack = chart.kind === "stack";
    const isDots = chart.kind === "dots";
    const datasets = isStack
      ? chart.series.map((series) => stackDataset(series, look, chart.rows))
      : chart.series.map((series) => (series.isLine ? lineDataset(series, look) : pointDataset(series, look)));
    const x = numberAxis(look, chart.xLabel, chart.logarithmic, chart.range);
    let y;
    if (isStack) {
      y = { ...axis(look, ""), type: "category", labels: chart.rows, stacked: true };
      y.ticks.font = { size: 11 };
      y.ticks.autoSkip = false;
      y.grid = { display: false, borderColor: look.grid };
      x.stacked = true;
      x.beginAtZero = true;
    } else {
      y = isDots ? rowAxis(look, chart.rows) : numberAxis(look, chart.yLabel, true);
    }
    return {
      type: isStack ? "bar" : "scatter",
      data: { datasets },
      plugins: [rowBands, intervalBars, referenceLine, pointLabels],
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: isStack ? "y" : "x",
        layout: { padding: { right: 10 } },
        scales: { x, y },
        plugins: {
          rowBands: { rows: isDots ? chart.rows.length : 0, colour: look.band },
          referenceLine: { value: chart.reference, colour: look.ink },
          pointLabels: { colour: look.muted },
          legend: {
            position: "bottom",
            align: "start",
            labels: { color: look.ink, usePointStyle: true, boxHeight: 7, boxWidth: 18, font: { size: 12 } },
          },
          tooltip: {
            callbacks: {
              title: (items) => {
                const row = items.length && isDots ? chart.rows[Math.round(items[0].raw.y)] : null;
                return row ? row.join(", ") : "";
              },
              label: (item) => (isStack ? item.dataset.texts[item.dataIndex] : `${item.dataset.label}: ${item.raw.text}`),
            },
          },
        },
      },
    };
  };

  const source = document.getElementById("chart-data");
  if (source && window.Chart) {
    const specifications = JSON.parse(source.textContent);
    let charts = [];
    const draw = () => {
      charts.forEach((chart) => chart.destroy());
      charts = specifications.map((chart) => new Chart(document.getElementById(chart.id), configuration(chart)));
    };
    draw();
    darkQuery.addEventListener("change", draw);
    addEventListener("beforeprint", () => { printing = true; draw(); });
    addEventListener("afterprint", () => { printing = false; draw(); });
  }

  // Sorting: by the values behind the figures; what has none comes last both ways.
  const sortKey = (cell) => {
    if (!cell) return null;
    const number = cell.dataset.value;
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
