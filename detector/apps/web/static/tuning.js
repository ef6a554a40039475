// The score with its threshold as a line to drag; at once what that would change.
"use strict";
(() => {
  const box = document.getElementById("score");
  if (!box || !window.uPlot) return;
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim();
  const query = box.dataset.query, zone = box.dataset.zone;
  const field = (name) => document.getElementById(name);
  const raise = field("raise_at"), clear = field("clear_at"), hold = field("hold_s");
  const save = document.getElementById("save"), effect = document.getElementById("effect");
  const share = Number(box.dataset.now) > 0 ? Number(box.dataset.clear) / Number(box.dataset.now) : 1;
  let plot = null, curve = null, grip = null, asked = null, timer = 0, spans = { gained: [], lost: [] };
  let follows = Math.abs(Number(clear.value) - Number(raise.value) * share) < 1e-5 * Math.max(1, Math.abs(Number(clear.value)));

  const short = (value) => Number(Number(value).toPrecision(4));
  const clock = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  function at(time, step) {
    const p = Object.fromEntries(clock.formatToParts(new Date(time * 1e3)).map((part) => [part.type, part.value]));
    const day = `${p.month}-${p.day}`, minute = `${p.hour}:${p.minute}`;
    return step === 0 ? `${p.year}-${day} ${minute}` : step >= 86400 || minute === "00:00" ? day : minute;
  }
  const axis = () => ({ stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") } });

  // the values: one place says what they are, all others follow
  function set(value, from) {
    const told = Math.max(0, short(value));
    raise.value = told;
    if (follows && from !== clear) clear.value = short(told * share);
    for (const one of [raise, clear, hold]) if (save) save.elements[one.name].value = one.value;
    place();
    if (curve) curve.redraw(false);
    clearTimeout(timer);
    timer = setTimeout(preview, 60);
  }

  async function preview() {
    if (asked) asked.abort();
    asked = new AbortController();
    effect.classList.add("stale");
    try {
      const values = `raise_at=${raise.value}&clear_at=${clear.value}&hold_s=${hold.value}`;
      const answer = await fetch(`/tuning/preview?${query}&${values}`, { signal: asked.signal });
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) {
        effect.innerHTML = await answer.text();
        mark();
      }
      effect.classList.remove("stale");
    } catch (error) { if (error.name !== "AbortError") throw error; }
  }

  function mark() {
    const told = effect.querySelector("[data-spans]");
    spans = told ? JSON.parse(told.dataset.spans) : spans;
    if (plot) plot.redraw(false);
  }

  // episodes gained (upwards) and lost (downwards) as bars at the foot of the picture
  function bars(u) {
    const foot = u.bbox.top + u.bbox.height, high = 7 * devicePixelRatio;
    for (const [name, shift, ink] of [["lost", 1, "--found"], ["gained", 2, "--link"]]) {
      u.ctx.fillStyle = colour(ink);
      for (const [start, end] of spans[name]) {
        const left = u.valToPos(start, "x", true), right = u.valToPos(end, "x", true);
        u.ctx.fillRect(left, foot - shift * (high + 2), Math.max(right - left, 2 * devicePixelRatio), high);
      }
    }
  }

  function blind(u, told) {
    u.ctx.save();
    u.ctx.globalAlpha = 0.25;
    u.ctx.fillStyle = colour("--hatch");
    const step = told.time.length > 1 ? told.time[1] - told.time[0] : 0;
    told.blind.forEach((part, i) => {
      if (part <= 0.5) return;
      const left = u.valToPos(told.time[i] - step / 2, "x", true), right = u.valToPos(told.time[i] + step / 2, "x", true);
      u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    });
    u.ctx.restore();
  }

  function place() {
    if (!plot || !grip) return;
    const y = Math.min(Math.max(plot.valToPos(Number(raise.value), "y"), 0), plot.over.clientHeight);
    grip.style.top = `${y}px`;
    grip.firstChild.textContent = `${box.dataset.line} ${raise.value}`;
    grip.setAttribute("aria-valuenow", raise.value);
  }

  function handle() {
    grip = document.createElement("div");
    grip.className = "grip";
    grip.tabIndex = 0;
    grip.setAttribute("role", "slider");
    grip.setAttribute("aria-orientation", "vertical");
    grip.setAttribute("aria-label", box.dataset.line);
    grip.setAttribute("aria-valuemin", "0");
    grip.append(document.createElement("span"));
    plot.over.append(grip);
    const move = (event) => {
      const y = event.clientY - plot.over.getBoundingClientRect().top;
      set(plot.posToVal(Math.min(Math.max(y, 0), plot.over.clientHeight), "y"));
    };
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault(); event.stopPropagation();
      grip.focus(); grip.setPointerCapture(event.pointerId); grip.classList.add("held");
      grip.addEventListener("pointermove", move);
    });
    for (const name of ["pointerup", "pointercancel"]) grip.addEventListener(name, () => { grip.classList.remove("held"); grip.removeEventListener("pointermove", move); });
    grip.addEventListener("mousedown", (event) => event.stopPropagation());
    grip.addEventListener("keydown", (event) => {
      const factor = { ArrowUp: 1.02, ArrowDown: 1 / 1.02, PageUp: 1.2, PageDown: 1 / 1.2 }[event.key];
      if (!factor) return;
      event.preventDefault();
      set((Number(raise.value) || 0.01) * factor);
    });
    place();
  }

  async function draw() {
    const answer = await fetch(`/tuning/scores?${query}`);
    if (!answer.ok) return;
    const told = await answer.json();
    const now = Number(box.dataset.now), top = Math.max(...told.score.filter((v) => v !== null), now * 1.5, Number(raise.value) * 1.2);
    const wide = top > 8 * now;
    plot = new uPlot({
      width: box.clientWidth, height: 300, padding: [null, 24, null, null],
      tzDate: (time) => uPlot.tzDate(new Date(time * 1e3), zone),
      cursor: { drag: { x: true, y: false } },
      scales: { y: { distr: wide ? 4 : 1, asinh: now || 1, range: () => [0, top * 1.05] } },
      axes: [{ ...axis(), values: (u, ticks, i, space, step) => ticks.map((time) => at(time, step)) }, { ...axis(), size: 74, label: box.dataset.unit, labelSize: 18, values: (u, ticks) => ticks.map((v) => (v === null || v < 0 ? "" : short(v))) }],
      series: [{ label: box.dataset.time, value: (u, time) => (time == null ? "" : at(time, 0)) }, { label: box.dataset.score, stroke: colour("--ink"), width: 1.2, spanGaps: false, points: { show: false } }],
      hooks: { drawClear: [(u) => blind(u, told)], draw: [bars], setSize: [place] },
    }, [told.time, told.score], box);
    handle();
    mark();
    addEventListener("resize", () => { plot.setSize({ width: box.clientWidth, height: 300 }); if (curve) curve.setSize({ width: curve.root.parentNode.clientWidth, height: 220 }); });
  }

  async function trade() {
    const place = document.getElementById("curve"), texts = document.getElementById("trade");
    const answer = place ? await fetch(`/tuning/curve?${query}`) : null;
    if (!answer || !answer.ok) return;
    const told = await answer.json();
    const told_of = told.points.some((p) => p.recall !== null);
    const x = told.points.map((p) => p.raise_at);
    const left = told.points.map((p) => (told_of ? p.recall : p.per_day));
    const line = (u) => {
      const now = u.valToPos(Number(raise.value), "x", true);
      u.ctx.strokeStyle = colour("--found"); u.ctx.lineWidth = 2 * devicePixelRatio;
      u.ctx.beginPath(); u.ctx.moveTo(now, u.bbox.top); u.ctx.lineTo(now, u.bbox.top + u.bbox.height); u.ctx.stroke();
    };
    const steps = uPlot.paths.stepped({ align: -1 });
    const series = [{ label: texts.dataset.threshold || "" }, { label: told_of ? texts.dataset.recall : texts.dataset.all, stroke: colour("--link"), width: 2, scale: "y", paths: steps, points: { show: false } }];
    const axes = [{ ...axis(), label: `${texts.dataset.threshold} (${texts.dataset.unit})`, labelSize: 20, values: (u, ticks) => ticks.map((v) => (v === null ? "" : short(v))) }, { ...axis(), scale: "y", size: 66, label: told_of ? texts.dataset.recall : texts.dataset.all, labelSize: 18 }];
    const data = [x, left];
    if (told_of) {
      series.push({ label: texts.dataset.false, stroke: colour("--doubt"), width: 2, dash: [6, 4], scale: "f", paths: steps, points: { show: false } });
      axes.push({ ...axis(), scale: "f", side: 1, size: 66, label: `${texts.dataset.false} (- -)`, labelSize: 18, grid: { show: false } });
      data.push(told.points.map((p) => p.false_per_day));
    }
    curve = new uPlot({
      width: place.clientWidth, height: 220,
      scales: { x: { time: false, distr: x.length && x[0] > 0 && x[x.length - 1] / x[0] > 30 ? 3 : 1 }, y: { range: (u, min, max) => [0, told_of ? 1.02 : (max || 1) * 1.05] }, f: { range: (u, min, max) => [0, (max || 1) * 1.05] } },
      axes, series, hooks: { draw: [line] }, cursor: { drag: { x: false, y: false } },
    }, data, place);
    const best = told.suggestion, says = document.getElementById("suggested");
    if (!best || !says) return;
    const fill = (text) => text.replace("{value}", short(best.raise_at)).replace("{low}", short(best.low)).replace("{high}", short(best.high));
    says.querySelector("strong").textContent = fill(says.dataset.value);
    says.querySelector("small").textContent = fill(says.dataset.help);
    says.querySelector("button").addEventListener("click", () => set(best.raise_at));
    says.hidden = false;
  }

  raise.addEventListener("input", () => { if (raise.value !== "") set(raise.value); });
  clear.addEventListener("input", () => { follows = false; set(raise.value, clear); });
  hold.addEventListener("input", () => set(raise.value));
  document.getElementById("values").addEventListener("submit", (event) => { event.preventDefault(); preview(); });
  draw().then(trade);
})();
