"use strict";
(() => {
  // Vega comes when the first chart comes into view. It evaluates expressions by its interpreter: nothing is compiled.
  let vega;
  const library = (address) =>
    (vega ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", () => resolve(window.vegaEmbed));
      script.addEventListener("error", () => reject(new Error(address)));
      document.head.append(script);
    }));

  // The tooltip is drawn here: the library's own wants style attributes.
  const tip = document.createElement("div");
  tip.id = "chart-tip";
  tip.hidden = true;
  const tooltip = (_handler, event, _item, value) => {
    if (value === null || value === undefined || value === "") {
      tip.hidden = true;
      return;
    }
    const list = document.createElement("dl");
    const pairs = typeof value === "object" ? Object.entries(value) : [["", value]];
    for (const [name, text] of pairs) {
      const [term, description] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      description.textContent = String(text);
      list.append(term, description);
    }
    tip.replaceChildren(list);
    tip.hidden = false;
    if (!tip.isConnected) document.body.append(tip);
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 12, innerHeight - height - 8))}px`;
  };

  const fitted = (specification, width) => {
    const fit = structuredClone(specification);
    if (width >= 700) return fit;
    fit.config ??= {};
    if (width < 560) fit.config.axis = { ...fit.config.axis, labelLimit: Math.round(width / 3) };
    fit.config.legend = { ...fit.config.legend, columns: width < 420 ? 2 : 4 };
    return fit;
  };

  // A drawing lies beside the page, or on it.
  const specified = async (chart) => {
    if (!chart.dataset.specification) {
      return JSON.parse(chart.closest("figure")?.querySelector(":scope > script[type='application/json']").textContent);
    }
    const answer = await fetch(chart.dataset.specification, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status} ${chart.dataset.specification}`);
    return answer.json();
  };

  const draw = async (chart) => {
    if ("begun" in chart.dataset) return;
    chart.dataset.begun = "";
    const live = document.createElement("div");
    live.className = "live";
    chart.append(live);
    try {
      const [embed, specification] = await Promise.all([library(chart.dataset.vega), specified(chart)]);
      await embed(live, fitted(specification, chart.clientWidth), {
        actions: false,
        ast: true,
        defaultStyle: false,
        mode: "vega-lite",
        renderer: "svg",
        tooltip,
      });
      chart.dataset.drawn = "";
    } catch (error) {
      console.error(error);
      live.remove();
      chart.closest("figure")?.querySelector("details")?.setAttribute("open", "");
    }
  };

  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  const watch = (root) => {
    for (const chart of root.querySelectorAll(".chart:not([data-drawn])")) seen.observe(chart);
  };
  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
  addEventListener("scroll", () => (tip.hidden = true), { passive: true });
  // Paper does not wait until a chart is drawn: what nobody has scrolled to is drawn when there is nothing else to do.
  const idle = () =>
    new Promise((resolve) => (window.requestIdleCallback ? requestIdleCallback(resolve) : setTimeout(resolve, 500)));
  addEventListener("load", async () => {
    for (const chart of document.querySelectorAll(".chart:not([data-drawn])")) {
      await idle();
      if (chart.clientWidth > 0) await draw(chart);
    }
  });
  // Whoever prints before that gets still drawings.
  addEventListener("beforeprint", () => {
    for (const still of document.querySelectorAll(".chart:not([data-drawn]) > .on-paper")) still.loading = "eager";
  });
})();
