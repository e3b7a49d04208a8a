"use strict";
// Charts that answer to the pointer: Plotly takes over from the drawings, one by one as they are scrolled to. Where it
// cannot, the drawings stay.
(() => {
  const narrow = matchMedia("(max-width: 600px)");
  const fingers = matchMedia("(pointer: coarse)");
  const charts = new Map(); // by the metric's name, what Plotly draws: the figure, its place, and the live element
  const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // ---------------------------------------------------------------- looks: those of the page, in the drawing's place
  const plotWidth = ({ l, r }, place) => place.clientWidth - l - r;
  // As many labels as stand beside each other upright, as in the drawing.
  const upright = (width, measures) => ({
    tickangle: 0, nticks: Math.min(6, Math.max(2, Math.floor(width / (measures ? 40 : 64)))),
  });
  const dressAxes = (layout, figure, place) => {
    const [quiet, line] = ["--quiet", "--line"].map(variable);
    const measuring = figure.data.some((trace) => trace.orientation === "h") ? "x" : "y";
    const others = Object.keys(layout).filter((name) => /^[xy]axis\d+$/.test(name));
    for (const name of ["xaxis", "yaxis", ...others]) {
      const measures = name.startsWith(measuring);
      layout[name] = {
        automargin: !layout.margin, gridcolor: line, showgrid: measures, zeroline: measures, zerolinecolor: quiet,
        showline: false, ticks: "outside", ticklen: 6, tickcolor: "rgba(0,0,0,0)", tickfont: { color: quiet },
        separatethousands: true, ...layout[name],
        title: { font: { size: 12, color: quiet }, standoff: 6, ...layout[name]?.title },
      };
    }
    if (layout.margin) {
      layout.xaxis = { ...upright(plotWidth(layout.margin, place), measuring === "x"), ...layout.xaxis };
    }
    if (figure.names) { // cut as in the drawing
      const [wide, slim] = [1, 2].map((at) => figure.names.map((name) => name[at]));
      layout.yaxis.tickvals = figure.names.map(([name]) => name);
      layout.yaxis.ticktext = narrow.matches ? slim : wide;
    }
  };
  const dressLegend = (layout, figure, place) => {
    const boxes = figure.data.every(({ type }) => type === "bar" || type === "pie"); // slimmer than lines
    layout.legend = {
      ...layout.legend, orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", traceorder: "normal",
      indentation: boxes ? -12 : 0, tracegroupgap: 14,
    };
    const { margin } = layout;
    if (margin) layout.legend.y = 1 + 5 / (layout.height - margin.t - margin.b); // pixels, of which 1.02 are more on a tall chart
    if (margin && (narrow.matches || plotWidth(margin, place) < 300)) {
      // From the left edge of the chart, not of its plot, which would cut what has no room above it.
      layout.legend.x = (8 - margin.l) / plotWidth(margin, place);
    }
    if (margin && narrow.matches) {
      Object.assign(layout.legend, { indentation: boxes ? -15 : 0, tracegroupgap: 4, font: { size: 11 } });
    }
  };
  const look = ({ figure, place }) => {
    const layout = structuredClone(figure.layout);
    if (narrow.matches && figure.narrow) layout.margin.l = figure.narrow;
    dressAxes(layout, figure, place);
    dressLegend(layout, figure, place);
    const [ink, quiet, card] = ["--ink", "--quiet", "--card"].map(variable);
    layout.shapes?.forEach((shape) => { shape.line = { color: quiet, ...shape.line }; });
    return {
      ...layout,
      paper_bgcolor: card,
      plot_bgcolor: card,
      font: { family: "system-ui, sans-serif", size: 12, ...layout.font, color: ink },
      hoverlabel: { bgcolor: card, bordercolor: quiet, font: { color: ink }, ...layout.hoverlabel },
      // On a touch screen a finger scrolls the page; the table has what a zoom would show.
      dragmode: fingers.matches ? false : "zoom",
      uirevision: "kept", // zooms and hidden traces stay when a chart is drawn again
    };
  };
  // Bars of many colours have none for the legend: a square stands there for what they have in common, in the colour
  // of the drawing, which is no model's and not the grey of a baseline.
  const keyed = (figure) => figure.data.flatMap((trace) => {
    if (figure.data.length < 2 || trace.showlegend === false || !Array.isArray(trace.marker?.color)) return [trace];
    const key = {
      type: "scatter", mode: "markers", x: [null], y: [trace.y?.[0]], name: trace.name, legendgroup: trace.name,
      hoverinfo: "skip", marker: { symbol: "square", size: 11, color: "#64809f", opacity: trace.marker.opacity },
    };
    return [{ ...trace, showlegend: false, legendgroup: trace.name }, key];
  });
  const config = { responsive: true, displayModeBar: false, showTips: false };
  const draw = async (chart, how) => {
    const drawing = { chart, data: keyed(chart.figure), layout: look(chart), config: { ...config } };
    others.drawing?.(drawing);
    return window.Plotly[how](chart.live, drawing.data, drawing.layout, drawing.config);
  };

  // ---------------------------------------------------------------- what the page carries packed
  // A plain loop: half a million signs through a callback would take ten times as long.
  const decode = (text) => {
    const signs = atob(text);
    const bytes = new Uint8Array(signs.length);
    for (let at = 0; at < signs.length; at += 1) bytes[at] = signs.charCodeAt(at);
    return bytes;
  };
  const inflate = async (id) => {
    const packed = document.getElementById(id).textContent;
    const bytes = Uint8Array.fromBase64?.(packed) ?? decode(packed);
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).text();
  };
  let library;
  // A page that is alive has the library beside it, and may still be loading it.
  const loaded = () => document.readyState === "complete" || new Promise((next) => { addEventListener("load", next); });
  const unpack = async () => {
    const script = document.createElement("script");
    script.textContent = await inflate("page-plotly"); // run only if its hash is the one that the policy names
    document.head.append(script);
  };
  const plotly = () => (library ??= document.getElementById("page-plotly") ? unpack() : loaded());

  let figures;
  const told = async (place) => {
    const { figure } = place.closest(".card"); // of a card that was painted
    if (figure) return figure;
    figures ??= inflate("page-figures").then(JSON.parse);
    return (await figures)[place.dataset.figure];
  };

  // ---------------------------------------------------------------- taking over
  const button = (place, what) => place.closest(".card").querySelector(`[data-do="${what}"]`);
  // The range that the figure began with; Plotly's own double click forgets an axis that runs backwards.
  const whole = (name, { range, autorange } = {}) => (range
    ? { [`${name}.range`]: range }
    : { [`${name}.autorange`]: autorange ?? true });
  const reset = ({ live, figure: { layout } }) => window.Plotly.relayout(live, {
    ...whole("xaxis", layout.xaxis), ...whole("yaxis", layout.yaxis),
  });
  const save = ({ live }, name) => window.Plotly.downloadImage(live, { format: "png", filename: name, scale: 2 });

  const drop = (live) => {
    window.Plotly?.purge(live);
    live.remove();
  };
  const offer = (chart) => {
    const { place } = chart;
    const [png, zoom] = ["png", "zoom"].map((what) => button(place, what));
    png.hidden = false;
    zoom.hidden = !chart.zoomed;
    png.addEventListener("click", () => save(chart, place.dataset.figure));
    zoom.addEventListener("click", () => {
      reset(chart);
      png.focus(); // the button that was pressed goes away
    });
  };
  const watch = (chart) => chart.live.on("plotly_relayout", (change) => {
    chart.zoomed = Object.keys(change).some((name) => /axis\.range\[/.test(name));
    button(chart.place, "zoom").hidden = !chart.zoomed;
  });
  const takeOver = async (place) => {
    const live = document.createElement("div");
    live.className = "live";
    try {
      await plotly();
      const chart = { figure: await told(place), place, live };
      place.append(live);
      await draw(chart, "newPlot");
      if (!place.isConnected) throw new Error("painted over meanwhile");
      charts.set(place.dataset.figure, chart);
      place.classList.add("taken");
      offer(chart);
      watch(chart);
      others.taken?.(chart);
    } catch { // an old browser, a figure that Plotly refuses: the drawing stays
      drop(live);
    }
  };
  const redraw = () => charts.forEach((chart) => draw(chart, "react"));

  // One after the other, each in its own turn of the browser, so that the page never stands still for all of them.
  let turn = Promise.resolve();
  const seen = new IntersectionObserver((entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      seen.unobserve(target);
      turn = turn.then(() => takeOver(target)).then(() => new Promise((next) => { setTimeout(next); }));
    }
  }, { rootMargin: "200px" });

  document.addEventListener("logreport-theme", redraw);
  narrow.addEventListener("change", redraw);
  document.querySelectorAll("[data-figure]").forEach((place) => seen.observe(place));
  // Where cards are painted anew, whoever does it has charts follow, by these parts and by hooks of its own.
  const others = { charts, draw, drop, offer, seen };
  document.dispatchEvent(new CustomEvent("logreport-charts", { detail: others }));
})();
