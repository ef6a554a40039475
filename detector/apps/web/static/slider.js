// Two pictures of a pair on top of each other, and a slider that uncovers one of them.
"use strict";
(() => {
  function make(figure) {
    const stills = [...figure.querySelectorAll(".still img")];
    if (stills.length !== 2 || figure.dataset.made) return;
    figure.dataset.made = "1";
    const box = document.createElement("div");
    box.className = "over-under";
    for (const still of stills) box.append(still.cloneNode());
    const line = document.createElement("span");
    line.className = "seam";
    box.append(line);
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: 100, value: 50, className: "slide-range" });
    range.setAttribute("aria-label", figure.dataset.label);
    const move = () => {
      box.lastElementChild.previousElementSibling.style.clipPath = `inset(0 0 0 ${range.value}%)`;
      line.style.left = `${range.value}%`;
    };
    range.addEventListener("input", move);
    box.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && !event.buttons) return;
      const at = box.getBoundingClientRect();
      range.value = (100 * (event.clientX - at.left)) / at.width;
      move();
    });
    figure.prepend(box, range);
    move();
  }
  const all = () => document.querySelectorAll("figure.slide").forEach(make);
  all();
  document.addEventListener("htmx:after:swap", all);
})();
