"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);

  // Tables: a click on a head sorts by that column, numbers as numbers.
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.title = words.sort.replace("{name}", head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => {
          const cell = row.cells[column];
          return cell.dataset.key === undefined ? cell.textContent : Number(cell.dataset.key);
        };
        const compare = (a, b) => {
          const [x, y] = [key(a), key(b)];
          if (typeof x === "number" && typeof y === "number") return x - y;
          if (typeof x === typeof y) return x.localeCompare(y, document.documentElement.lang);
          return typeof x === "number" ? 1 : -1;
        };
        body.append(...[...body.rows].sort((a, b) => (down ? compare(b, a) : compare(a, b))));
      });
    });
  }

  // Charts: the still drawing stays until the live one stands, and comes back for print.
  const specifications = JSON.parse(document.getElementById("charts").textContent);
  const fitted = (specification, width) => {
    if (width >= 700) return specification;
    const config = structuredClone(specification.config);
    if (width < 560) config.axis.labelLimit = Math.round(width / 3);
    config.legend.columns = width < 420 ? 2 : 4;
    return { ...specification, config };
  };
  const draw = async (name) => {
    const live = document.getElementById(name + "-live");
    const chart = live.parentElement;
    live.hidden = false;
    chart.classList.add("is-live");
    try {
      await window.vegaEmbed(live, fitted(specifications[name], live.clientWidth), {
        actions: false,
        ast: true,
        defaultStyle: false,
        mode: "vega-lite",
        renderer: "svg",
        tooltip: { disableDefaultStyle: true, offsetX: 14, offsetY: 10 },
      });
    } catch (error) {
      console.error(name, error);
      live.hidden = true;
      chart.classList.remove("is-live");
    }
  };
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        draw(entry.target.closest("figure").id);
      }
    },
    { rootMargin: "400px" },
  );
  if (window.vegaEmbed) {
    for (const name of Object.keys(specifications)) seen.observe(document.querySelector("#" + name + " .chart"));
  }
})();
