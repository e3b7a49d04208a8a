"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colours = () => (dark.matches
    ? { ink: "#e6e9ee", grid: "#303741" }
    : { ink: "#1b1f24", grid: "#e3e7ec" });
  const look = (layout) => {
    const { ink, grid } = colours();
    const axis = (given) => Object.assign({}, given, {
      gridcolor: grid, linecolor: grid, zerolinecolor: grid, tickcolor: grid,
    });
    return Object.assign({}, layout, {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: ink, orientation: "h" },
      font: { color: ink, family: "system-ui, sans-serif", size: 13 },
      xaxis: axis(layout.xaxis),
      yaxis: axis(layout.yaxis),
    });
  };
  const options = {
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    // Named one by one: a button that a later Plotly adds, to send a chart somewhere, must not appear.
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  };
  const draw = () => {
    for (const place of document.querySelectorAll(".figure")) {
      const figure = JSON.parse(place.nextElementSibling.textContent);
      Plotly.react(place, figure.data, look(figure.layout), options);
    }
  };
  draw();
  dark.addEventListener("change", draw);
})();
