"use strict";
// Search and switches hide what does not fit; nothing else depends on this.
(() => {
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const none = document.getElementById("none");
  const switches = [...document.querySelectorAll("button[data-outcome]")];
  const items = [...document.querySelectorAll("[data-search]")].map((node) => ({
    node,
    outcome: node.dataset.outcome,
    text: node.dataset.search.toLowerCase(),
  }));
  const groups = [...document.querySelectorAll("details.folder, #failures, details.part")];
  const wasOpen = new Map(groups.map((group) => [group, group.open]));

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = new Set(
      switches.filter((s) => s.ariaPressed === "true").map((s) => s.dataset.outcome),
    );
    const isOn = words.length > 0 || chosen.size > 0;
    let rows = 0;
    for (const { node, outcome, text } of items) {
      const fits =
        (chosen.size === 0 || chosen.has(outcome)) && words.every((word) => text.includes(word));
      node.hidden = !fits;
      if (fits && node.localName === "li") rows += 1;
    }
    for (const group of groups) {
      const inside = group.querySelectorAll("[data-search]");
      const fits = [...inside].some((node) => !node.hidden);
      group.hidden = isOn && !fits;
      if (group.localName === "details") group.open = isOn ? fits : wasOpen.get(group);
    }
    found.textContent = isOn ? `${rows} spec${rows === 1 ? "" : "s"} found` : "";
    none.hidden = !isOn || rows > 0;
  }

  let later = 0;
  search.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(apply, 80);
  });
  for (const button of switches) {
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      apply();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      apply();
    }
  });
  // A link to a spec opens it.
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.localName === "details") target.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
