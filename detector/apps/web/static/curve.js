// A stream's readings: drag to look closer, double-click for all; closer means more points.
"use strict";
(() => {
  const box = document.querySelector(".u-box");
  if (!box || !window.uPlot) return;
  const ink = getComputedStyle(document.documentElement);
  const colour = (name) => ink.getPropertyValue(name).trim();
  const zone = box.dataset.zone;
  const parts = (at) => Object.fromEntries(new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(new Date(at * 1e3)).map((p) => [p.type, p.value]));
  function shown(at, step) {
    const p = parts(at), day = `${p.month}-${p.day}`, minute = `${p.hour}:${p.minute}`;
    if (step === 0) return `${p.year}-${day} ${minute}:${p.second}`;
    if (step >= 86400 || minute === "00:00") return day;
    return step >= 60 ? minute : `${minute}:${p.second}`;
  }
  let plot = null, asked = 0, whole = null;

  async function load(start, end) {
    const number = ++asked;
    const span = start === undefined ? "" : `&start=${start}&end=${end}`;
    const answer = await fetch(box.dataset.series + span);
    if (!answer.ok || number !== asked) return;
    const told = await answer.json();
    const cut = box.dataset.cut === undefined ? [] : [told.time.map(() => Number(box.dataset.cut))];
    const data = [told.time, told.value, ...cut];
    if (plot) { plot.setData(data, false); plot.setScale("x", { min: start, max: end }); return; }
    whole = told.time.length ? [told.time[0], told.time[told.time.length - 1]] : [0, 1];
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") } };
    plot = new uPlot({
      width: box.clientWidth, height: 260, padding: [null, 28, null, null],
      tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), zone),
      cursor: { drag: { x: true, y: false } },
      legend: { live: true },
      axes: [{ ...axis, values: (u, ticks, i, space, step) => ticks.map((at) => shown(at, step)) }, { ...axis, size: 64 }],
      series: [{ label: box.dataset.time, value: (u, at) => (at == null ? "" : shown(at, 0)) }, { label: box.dataset.name + (box.dataset.unit ? ` (${box.dataset.unit})` : ""), stroke: colour("--link"), width: 1.5, spanGaps: false },
        ...cut.map(() => ({ label: "▲", stroke: colour("--found"), width: 1.5, dash: [6, 4] }))],
      hooks: { setSelect: [(u) => { if (u.select.width > 4) load(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); }] },
    }, data, box);
    box.addEventListener("dblclick", () => load(...whole));
    addEventListener("resize", () => plot.setSize({ width: box.clientWidth, height: 260 }));
  }
  load();
})();
