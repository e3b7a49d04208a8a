"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  // Pixels: what fits between the margins of A4 and of Letter paper.
  const PAPER = 640;
  let printing = false;
  const colours = () => (dark.matches && !printing
    ? { ink: "#e6e9ee", grid: "#303741" }
    : { ink: "#1b1f24", grid: "#e3e7ec" });
  const look = (layout) => {
    const { ink, grid } = colours();
    const drawn = {
      ...layout,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: ink, orientation: "h" },
      font: { family: "system-ui, sans-serif", size: 13, ...layout.font, color: ink },
    };
    const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
    for (const name of new Set(["xaxis", "yaxis", ...axes])) {
      drawn[name] = { ...layout[name], gridcolor: grid, linecolor: grid, zerolinecolor: grid, tickcolor: grid };
    }
    if (printing) drawn.width = PAPER;
    return drawn;
  };
  const options = {
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    // Named one by one: a button that a later Plotly adds, to send a chart somewhere, must not appear.
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  };
  const failed = (place, problem) => {
    place.className = "why failed";
    place.textContent = `This chart could not be drawn (${problem}); its numbers are below.`;
  };
  const draw = () => {
    for (const place of document.querySelectorAll(".figure")) {
      try {
        const figure = JSON.parse(place.nextElementSibling.textContent);
        Plotly.react(place, figure.data, look(figure.layout), options).catch((problem) => failed(place, problem));
      } catch (problem) { // a plugin's figure costs its own chart, not those after it
        failed(place, problem);
      }
    }
  };
  const print = (now) => {
    printing = now;
    draw();
  };
  draw();
  dark.addEventListener("change", draw);
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
})();
