"use strict";

/* Tables: a click on a head sorts by that column. */
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.classList.contains("bar")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.ariaLabel = `Sort by ${head.textContent}`;
    head.append(button);
    head.addEventListener("click", () => sort(table, heads, column));
  });
}

function sort(table, heads, column) {
  const head = heads[column];
  const first = head.classList.contains("words") ? "ascending" : "descending";
  const other = { ascending: "descending", descending: "ascending" };
  const order = head.ariaSort ? other[head.ariaSort] : first;
  for (const each of heads) each.ariaSort = null;
  head.ariaSort = order;
  const body = table.tBodies[0];
  const sign = order === "ascending" ? 1 : -1;
  const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
  rows.sort(([a], [b]) => compare(a, b, sign));
  body.append(...rows.map(([, row]) => row));
}

function key(cell) {
  const exact = cell.dataset.value ?? cell.textContent.trim();
  if (exact === "inf") return Infinity;
  return exact === "" || isNaN(exact) ? exact : Number(exact);
}

/* What is missing (nan, a dash) comes last whichever way the rows are sorted. */
function compare(a, b, sign) {
  const missing = (v) => v === "nan" || v === "–" || v === "";
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b || 0);
  return sign * String(a).localeCompare(String(b), "en");
}

/* The map. Units are those of its drawing; `view` is what is seen of it. */
const data = JSON.parse(document.getElementById("data").textContent);
const stage = document.getElementById("stage");
const overlay = document.getElementById("overlay");
const wordsLayer = document.getElementById("map-words");
const about = document.getElementById("about");
const linkList = document.getElementById("links");
const scenario = document.getElementById("scenario");
const whole = stage.viewBox.baseVal;
const all = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
const paths = new Map();
for (const path of stage.querySelectorAll(".links path")) paths.set(path.dataset.i, path);
let view = all;
let picked = null;

const svg = (name, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [k, v] of Object.entries(attributes)) made.setAttribute(k, v);
  made.append(...children);
  return made;
};
const pixel = () => Math.max(view.w / stage.clientWidth, view.h / stage.clientHeight);

function show(next) {
  const w = Math.min(Math.max(next.w, all.w / 60), all.w * 2.2);
  const h = (w * next.h) / next.w;
  view = { x: next.x + (next.w - w) / 2, y: next.y + (next.h - h) / 2, w, h };
  stage.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
  stage.style.setProperty("--px", pixel());
  cancelAnimationFrame(show.later);
  show.later = requestAnimationFrame(write);
}

const move = (dx, dy) => show({ ...view, x: view.x + dx, y: view.y + dy });

function zoom(factor, x = view.x + view.w / 2, y = view.y + view.h / 2) {
  const [w, h] = [view.w * factor, view.h * factor];
  show({ x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, w, h });
}

/* What the page says about a link: a row of the base, or what a proposal makes of it. */
const proposal = () => data.proposals.find((p) => p.id === scenario.value);
const isWith = () => document.querySelector("[name=side]:checked").value === "with";

function record(i) {
  const p = proposal();
  const base = data.links.length;
  if (i >= base) return { now: p.new[i - base][1], before: null };
  const now = (p && isWith() && p.changed[i]) || data.links[i];
  return { now, before: now === data.links[i] ? null : data.links[i] };
}

const nodeName = (n) => data.names[n] ?? proposal().names[n - data.names.length];
const linkName = (r) => `${nodeName(r[0])} – ${nodeName(r[1])}`;
const layerName = (layer) => data.layers[layer] ?? layer;

function tell(i) {
  const { now, before } = record(i);
  const [, , layer, name, km, hours, border, crossing, status, grade, source] = now;
  const rows = [];
  const add = (what, at, digits, unit) => {
    const said = (r) => (r[at] === null ? "–" : `${r[at].toFixed(digits)} ${unit}`);
    const changed = before && before[at] !== now[at];
    rows.push([what, changed ? `${said(before)} → ${said(now)}` : said(now)]);
  };
  rows.push(["Layer", layerName(layer)]);
  if (name) rows.push(["Line", name]);
  add("Length", 4, 0, "km");
  add("Under way", 5, 1, "h");
  if (hours > 0) rows.push(["Mean speed", `${(km / hours).toFixed(0)} km/h, stops included`]);
  if (border > 0 || (before && before[6] > 0)) add("Border", 6, 1, "h");
  if (status !== "operating") rows.push(["Status", status.replaceAll("_", " ")]);
  rows.push(["Confidence", `${grade} (${data.grades[grade]})`], ["Source", cite(source)]);
  if (crossing >= 0 && border > 0) {
    const n = crossing - data.crossings.length;
    const [, crossingSource] = data.crossings[crossing] ?? proposal().crossings[n];
    if (crossingSource) rows.push(["Border’s source", cite(crossingSource)]);
  }
  const list = document.createElement("dl");
  for (const [what, said] of rows) {
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    dt.append(what);
    dd.append(said);
    list.append(dt, dd);
  }
  const title = document.createElement("h3");
  title.append(linkName(now));
  about.replaceChildren(title, list);
}

function cite(source) {
  const [title, url] = data.sources[source] ?? [source || "the scenario’s file", ""];
  if (!/^https?:\/\//i.test(url)) return title;
  const link = document.createElement("a");
  link.href = url;
  link.rel = "external noreferrer";
  link.append(title);
  return link;
}

function pick(i) {
  picked?.classList.remove("picked");
  picked = null;
  if (i === null) return;
  picked = overlay.querySelector(`[data-i="${i}"]`) ?? paths.get(String(i)) ?? null;
  picked?.classList.add("picked");
  tell(Number(i));
}

/* The link nearest to a point of the screen, up to a finger's width away. */
function linkAt(x, y, reach) {
  for (let r = 0; r <= reach; r += 3) {
    for (let a = 0; a < (r ? 8 : 1); a++) {
      const [dx, dy] = [r * Math.cos((a * Math.PI) / 4), r * Math.sin((a * Math.PI) / 4)];
      const hit = document.elementFromPoint(x + dx, y + dy)?.closest("#stage [data-i]");
      if (hit) return hit.dataset.i;
    }
  }
  return null;
}

/* What a scenario changes, drawn over the base. */
function draw() {
  const p = proposal();
  pick(null);
  overlay.replaceChildren();
  if (!p) return say(["Choose a scenario, or point at a link."]);
  const d = (i) => (i < data.links.length ? paths.get(String(i))?.getAttribute("d") : p.new[i - data.links.length][0]) ?? "";
  const line = (kind, rows) => rows.length && overlay.append(svg("path", { class: kind, d: rows.map(d).join("") }));
  const each = (kind, rows) => rows.forEach((i) => overlay.append(svg("path", { class: kind, d: d(i), "data-i": i })));
  if (isWith()) {
    line("way-after", p.after);
    each("upgraded", p.upgraded);
    line("hollow", p.upgraded);
    for (const [row, status] of p.added) {
      line("casing", [row]);
      each(`added ${status}`, [row]);
    }
    each("closed", p.closed);
    for (const [kind, x, y, name] of p.spots) overlay.append(mark(kind, x, y, name));
  } else {
    line("way-before", p.before);
  }
  write();
  say([...p.words, "Point at a link for its figures."]);
}

function mark(kind, x, y, name) {
  const shape = kind === "shut" ? svg("path", { d: "M-5-5L5 5M5-5L-5 5" }) : svg("circle", { r: 4.5 });
  shape.setAttribute("class", kind);
  return svg("g", { class: "spot", "data-x": x, "data-y": y }, shape, svg("title", {}, name));
}

function size() {
  for (const spot of overlay.querySelectorAll(".spot")) {
    spot.setAttribute("transform", `translate(${spot.dataset.x} ${spot.dataset.y}) scale(${pixel()})`);
    spot.style.setProperty("--px", 1);
  }
}

function say(sentences) {
  about.replaceChildren(
    ...sentences.map((words) => {
      const p = document.createElement("p");
      p.append(words);
      return p;
    }),
  );
}

/* All of the network; of a tall window its middle rather than an empty sky. */
function showAll() {
  const shape = stage.clientHeight / stage.clientWidth;
  const w = Math.min(Math.max(0.72 * all.w, all.h / shape), all.w);
  show({ x: all.x + (all.w - w) / 2, y: all.y + (all.h - w * shape) / 2, w, h: w * shape });
}

function focusOn() {
  const frame = proposal()?.frame;
  if (!frame) return showAll();
  const [left, top, right, bottom] = frame;
  const shape = stage.clientHeight / stage.clientWidth;
  const w = Math.max((right - left) * 1.25, ((bottom - top) * 1.25) / shape, all.w / 14);
  show({ x: (left + right - w) / 2, y: (top + bottom - w * shape) / 2, w, h: w * shape });
}

/* Names that fit: countries, then the largest places; none over another. */
function write() {
  size();
  const px = pixel();
  const taken = [];
  const made = [];
  const place = (name, x, y, size, kind, dx) => {
    const wide = name.length * size * 0.58 * px;
    const left = kind === "nation" ? x - wide / 2 : x + dx * px;
    const box = [left, y - size * px, left + wide, y + 0.4 * size * px];
    const inside = left > view.x && box[2] < view.x + view.w && box[1] > view.y && y < view.y + view.h;
    if (!inside || taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) return;
    taken.push(box);
    const at = { x: left, y: y + 0.35 * size * px, "font-size": size * px, class: kind };
    if (kind !== "nation") made.push(svg("circle", { cx: x, cy: y, r: 2.4 * px, class: "town" }));
    made.push(svg("text", at, name));
  };
  for (const [name, x, y] of proposal()?.ends ?? []) place(name, x, y, 12.5, "place end", 6);
  for (const [name, x, y] of data.countries) place(name, x, y, 10.5, "nation", 0);
  for (const [name, x, y] of data.places) {
    if (made.length > 110) break;
    place(name, x, y, 11.5, "place", 5);
  }
  wordsLayer.replaceChildren(...made);
}

function listLinks() {
  const px = pixel();
  const half = [(stage.clientWidth * px) / 2, (stage.clientHeight * px) / 2];
  const middle = [view.x + view.w / 2, view.y + view.h / 2];
  const isSeen = (path) => {
    const box = path.getBBox();
    return Math.abs(box.x + box.width / 2 - middle[0]) < half[0] + box.width / 2 && Math.abs(box.y + box.height / 2 - middle[1]) < half[1] + box.height / 2;
  };
  const shown = [...stage.querySelectorAll("#overlay [data-i], .links g:not([hidden]) [data-i]")].filter(isSeen);
  const seen = [...new Set(shown.map((path) => path.dataset.i))];
  const ids = seen.slice(0, 300);
  const options = ids.map((i) => new Option(`${linkName(record(Number(i)).now)} (${layerName(record(Number(i)).now[2])})`, i));
  options.sort((a, b) => a.text.localeCompare(b.text, "en"));
  const more = seen.length > ids.length ? `; zoom in for ${seen.length - ids.length} more` : "";
  linkList.replaceChildren(new Option(`choose one of ${ids.length}${more} …`, ""), ...options);
}

/* Mouse, finger, keys. */
const fingers = new Map();
let dragged = 0;
stage.addEventListener("pointerdown", (e) => {
  fingers.set(e.pointerId, e);
  dragged = 0;
});
stage.addEventListener("pointermove", (e) => {
  const last = fingers.get(e.pointerId);
  if (!last) {
    if (e.pointerType === "mouse") hover(e);
    return;
  }
  const px = pixel();
  const [dx, dy] = [e.clientX - last.clientX, e.clientY - last.clientY];
  dragged += Math.hypot(dx, dy);
  if (dragged > 4) stage.setPointerCapture(e.pointerId);
  if (fingers.size === 2) pinch(e, last);
  move((-dx * px) / fingers.size, (-dy * px) / fingers.size);
  fingers.set(e.pointerId, e);
});
for (const kind of ["pointerup", "pointercancel"]) {
  stage.addEventListener(kind, (e) => fingers.delete(e.pointerId));
}
stage.addEventListener("click", (e) => {
  if (dragged < 6) pick(linkAt(e.clientX, e.clientY, 15));
});
stage.addEventListener("wheel", (e) => {
  if (!e.ctrlKey && document.activeElement !== stage) return;
  e.preventDefault();
  zoom(e.deltaY > 0 ? 1.2 : 1 / 1.2, ...point(e));
}, { passive: false });
stage.addEventListener("dblclick", (e) => zoom(0.5, ...point(e)));
stage.addEventListener("keydown", (e) => {
  const step = view.w / 8;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  const zooms = { "+": 0.7, "=": 0.7, "-": 1 / 0.7 };
  if (moves[e.key]) move(...moves[e.key]);
  else if (zooms[e.key]) zoom(zooms[e.key]);
  else if (e.key === "0") showAll();
  else return;
  e.preventDefault();
});

function point(e) {
  const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(stage.getScreenCTM().inverse());
  return [at.x, at.y];
}

function pinch(e, last) {
  const other = [...fingers.values()].find((f) => f.pointerId !== e.pointerId);
  const apart = (f) => Math.hypot(f.clientX - other.clientX, f.clientY - other.clientY);
  if (apart(e) > 0) zoom(apart(last) / apart(e), ...point(e));
}

function hover(e) {
  cancelAnimationFrame(hover.later);
  hover.later = requestAnimationFrame(() => {
    const i = linkAt(e.clientX, e.clientY, 6);
    if (i !== null && picked?.dataset.i !== i) pick(i);
  });
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  const factor = Number(button.dataset.zoom);
  button.addEventListener("click", () => (factor ? zoom(factor) : showAll()));
}
scenario.addEventListener("change", () => {
  draw();
  focusOn();
});
for (const side of document.querySelectorAll("[name=side]")) side.addEventListener("change", draw);
for (const box of document.querySelectorAll("#layers input")) {
  box.addEventListener("change", () => {
    stage.querySelector(`[data-layer="${box.value}"]`).toggleAttribute("hidden", !box.checked);
  });
}
for (const kind of ["focus", "pointerdown"]) linkList.addEventListener(kind, listLinks);
linkList.addEventListener("change", () => pick(linkList.value || null));
addEventListener("resize", () => show({ ...view, h: (view.w * stage.clientHeight) / stage.clientWidth }));
draw();
showAll();
