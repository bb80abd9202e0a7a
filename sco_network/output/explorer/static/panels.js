// The panels beside the map: proposals with their gains, sliders, measures, the route in words.
import { BY, KIND, MODE, UNIT, gain, h, number, signed, svg } from "./words.js";

export function proposals(element, atlas, on) {
  const rows = new Map(atlas.scenarios.map((s) => {
    const box = h("input", { type: "checkbox", title: s.title, id: `tick-${s.id}`, onchange: () => on.tick(s.id, box.checked) });
    const facts = [s.status, s.year && String(s.year), s.capex && `${number(s.capex / 1000, 1)} bn USD`].filter(Boolean).join(" · ");
    const note = h("span"), value = h("span"), bar = h("i");
    const about = h("button", { type: "button", onclick: () => on.about(s), "aria-label": `About ${s.title}` }, "about");
    const li = h("li", { data: { id: s.id } }, box,
      h("div", {}, h("label", { for: box.id }, s.title), h("small", {}, facts, note)),
      h("div", { class: "gain" }, value, h("span", { class: "bar", "aria-hidden": "true" }, bar), about));
    return [s.id, { s, li, box, note, value, bar }];
  }));
  let shown = "";

  function arrange(sort, filter, gains) {
    const word = filter.trim().toLowerCase();
    const fits = atlas.scenarios.filter((s) => `${s.title} ${s.id} ${s.kind}`.toLowerCase().includes(word));
    const value = (s) => gains?.[s.id]?.gain ?? -Infinity;
    const groups = sort === "gain"
      ? [["Largest gain first", [...fits].sort((a, b) => value(b) - value(a))]]
      : Object.entries(KIND).map(([kind, title]) => [title, fits.filter((s) => s.kind === kind)]);
    const order = JSON.stringify(groups.map(([title, list]) => [title, list.map((s) => s.id)]));
    if (order === shown) return;
    shown = order;
    const focus = document.activeElement;
    element.replaceChildren(...groups.filter(([, list]) => list.length).flatMap(([title, list]) => [h("h3", {}, title), h("ul", {}, list.map((s) => rows.get(s.id).li))]));
    if (!atlas.scenarios.length) element.append(h("p", { class: "empty" }, "There are no scenarios in this folder."));
    else if (!fits.length) element.append(h("p", { class: "empty" }, `No proposal is called “${filter}”.`));
    if (element.contains(focus)) focus.focus();
  }

  return function update(q, gains, sort, filter) {
    arrange(sort, filter, gains);
    const most = (closures) => Math.max(1e-9, ...atlas.scenarios.filter((s) => (s.kind === "closure") === closures).map((s) => Math.abs(gains?.[s.id]?.gain ?? 0)));
    const scale = { true: most(true), false: most(false) }; // closures lose far more than proposals gain
    for (const { s, li, box, note, value, bar } of rows.values()) {
      const inside = q.scenarios.find((t) => atlas.scenario.get(t).members.includes(s.id));
      const rivals = atlas.conflicts[s.id].filter((other) => q.scenarios.includes(other));
      const found = gains?.[s.id];
      box.checked = q.scenarios.includes(s.id);
      li.classList.toggle("ticked", box.checked);
      li.classList.toggle("barred", !box.checked && rivals.length > 0);
      box.setAttribute("aria-disabled", !box.checked && rivals.length > 0);
      note.textContent = inside && !box.checked ? ` · comes with ${inside}` : rivals.length && !box.checked ? ` · conflicts with ${rivals.join(", ")}`
        : s.requires.length ? ` · with ${s.requires.join(", ")}` : "";
      value.textContent = found?.gain == null ? "–" : gain(found.gain);
      value.title = found?.note ?? "";
      if (found?.gain == null) delete value.dataset.value; else value.dataset.value = found.gain;
      bar.className = (found?.gain ?? 0) < 0 ? "minus" : "";
      bar.style.width = `${100 * Math.abs(found?.gain ?? 0) / scale[s.kind === "closure"]}%`;
    }
  };
}

export function sliders(element, atlas, on) {
  let shown = "", parts = new Map();

  // What a number is called, between which bounds it lies, and what it is without an edit.
  function about(key, answer) {
    const [kind, name, country] = key.split(":");
    if (kind === "wait") {
      const crossing = atlas.crossing.get(name);
      const leg = [answer?.after, answer?.before].flatMap((r) => r?.legs ?? []).find((l) => l.crossing_id === name);
      const plain = Math.round(2 * (leg ? leg.border_h : crossing.h)) / 2;
      return { title: crossing.name, unit: "h", step: 0.5, low: 0, high: Math.max(72, Math.ceil(crossing.h / 12) * 24), plain, note: `Border wait, ${crossing.mode}; today ${number(crossing.h, crossing.h % 1 ? 1 : 0)} h` };
    }
    if (kind === "line") {
      const { title, speeds, kind: what } = atlas.scenario.get(name);
      return { title, unit: "km/h", low: 10, high: what === "road" ? 110 : 160, plain: Math.round(speeds.km_h), note: `Speed of its ${speeds.links.length} new links; in the file ${number(speeds.km_h)} km/h` };
    }
    const speed = atlas.speed.get(`${name}:${country}`);
    return { title: `${name === "rail" ? "Railways" : "Roads"} of ${atlas.country(country)}`, unit: "km/h", low: 5, high: name === "rail" ? 160 : 110, plain: Math.round(speed.km_h), note: `${speed.links} links of today, ${number(speed.low)}–${number(speed.high)} km/h, mean ${number(speed.km_h)}` };
  }

  function slider(key) {
    const input = h("input", { type: "range", id: `s-${key}`, oninput: () => on.slide(key, Number(input.value)), onchange: () => on.settle() });
    const label = h("label", { for: input.id }), output = h("output", { for: input.id }), note = h("small");
    const back = h("button", { type: "button", onclick: () => on.back(key) }, "Today");
    const box = h("div", { class: "slider", data: { key } }, label, output, input, back, note);
    return { box, input, label, output, note, back };
  }

  function choice(label, options) {
    const select = h("select", { "aria-label": label, onchange: () => { if (select.value) on.add(select.value); select.value = ""; } }, h("option", { value: "" }, label), options);
    return h("div", { class: "add" }, select);
  }
  const more = h("div", {},
    h("h3", {}, "Any other number"),
    choice("A border wait …", ["rail", "road", "sea"].map((mode) => h("optgroup", { label: MODE[mode] },
      atlas.crossings.filter((c) => c.mode === mode && !c.scenario).sort((a, b) => a.name.localeCompare(b.name)).map((c) => h("option", { value: `wait:${c.id}` }, c.name))))),
    choice("A country’s speed …", ["rail", "road"].map((mode) => h("optgroup", { label: MODE[mode] },
      atlas.classes.filter((c) => c.mode === mode).map((c) => h("option", { value: `speed:${mode}:${c.country}` }, atlas.country(c.country)))))));

  return function update(q, answer, open) {
    const onRoute = [...new Set([answer?.before, answer?.after].flatMap((r) => r?.legs ?? []).map((leg) => leg.crossing_id).filter(Boolean))].map((id) => `wait:${id}`);
    const withMembers = q.scenarios.flatMap((id) => [id, ...atlas.scenario.get(id).members]);
    const lines = [...new Set(withMembers)].filter((id) => atlas.scenario.get(id)?.speeds).map((id) => `line:${id}`);
    const rest = [...new Set([...open, ...Object.keys(q.edits)])].filter((key) => !onRoute.includes(key) && !lines.includes(key) && !key.startsWith("line:"));
    const groups = [["Borders on the routes", onRoute], ["New lines that are ticked", lines], ["Others", rest]];
    const order = JSON.stringify(groups);
    if (order !== shown) {
      shown = order;
      parts = new Map([...onRoute, ...lines, ...rest].map((key) => [key, parts.get(key) ?? slider(key)]));
      const focus = document.activeElement;
      element.replaceChildren(...groups.filter(([, keys]) => keys.length).flatMap(([title, keys]) => [h("h3", {}, title), ...keys.map((key) => parts.get(key).box)]), more);
      if (!parts.size) element.prepend(h("p", { class: "empty" }, "The routes cross no border. Choose a number below, or tick a proposal with new lines."));
      if (element.contains(focus)) focus.focus();
    }
    for (const [key, part] of parts) {
      const { title, unit, step = 1, low, high, plain, note } = about(key, answer), own = key in q.edits;
      const value = own ? q.edits[key] : plain;
      Object.assign(part.input, { step, min: Math.min(low, value), max: Math.max(high, value) });
      if (document.activeElement !== part.input || Number(part.input.value) !== value) part.input.value = value;
      part.input.setAttribute("aria-valuetext", `${value} ${unit}`);
      part.label.textContent = title;
      part.output.textContent = `${number(value, value % 1 ? 1 : 0)} ${unit}`;
      part.note.textContent = note;
      part.back.disabled = !own;
      part.box.classList.toggle("own", own);
    }
  };
}

const MEASURES = {
  efficiency: ["Efficiency", "mean of 1/cost over all pairs", 1], market_access: ["Market access", "people reached, per unit of cost", 1],
  reachable_pairs: ["Pairs with a route", "of all ordered pairs", 1],
};

export function measures(body, pairs, hint, answer) {
  hint.textContent = `Between ${number(answer.places)} cities and ports, by ${BY[answer.by].toLowerCase()}.`;
  body.replaceChildren(...answer.measures.map((m) => {
    const [title, what, better] = MEASURES[m.metric] ?? [`Mean ${answer.by === "generalised" ? "cost and time" : answer.by}`, "pairs with a route before and after", -1];
    const good = Math.sign(m.change ?? 0) * better;
    const short = (v) => v == null ? "–" : Math.abs(v) >= 1e4 ? number(v) : v.toLocaleString("en", { maximumSignificantDigits: 4 });
    const change = !m.change ? "0" : m.metric === "reachable_pairs" ? signed(m.change, 2, "points") : gain(m.percent_change);
    return h("tr", { data: { metric: m.metric } }, h("td", {}, title, h("small", { title: what }, m.unit)),
      h("td", { data: { value: String(m.baseline) } }, short(m.baseline)), h("td", { data: { value: String(m.scenario) } }, short(m.scenario)),
      h("td", { class: good > 0 ? "better" : good < 0 ? "worse" : "", data: { value: String(m.percent_change) } }, change));
  }));
  const { improved, worse, newly_connected: fresh, lost, unchanged } = answer.pairs;
  const all = improved + worse + fresh + lost + unchanged;
  const told = [[improved, "improve"], [fresh, "newly connected"], [worse, "get worse"], [lost, "lost"]].filter(([n]) => n).map(([n, word]) => `${number(n)} ${word}`);
  pairs.textContent = told.length ? `Of ${number(all)} ordered pairs: ${told.join(", ")}.` : `None of ${number(all)} ordered pairs changes.`;
}

const digits = (unit) => (unit === "h" ? 1 : 0);

export function headline(element, atlas, q, answer) {
  const { before, after, unit } = answer;
  if (!before || !after) {
    element.replaceChildren(h("p", { class: "empty" }, "Choose where a journey begins and ends: above, or by a click on a city."));
    return "";
  }
  const a = before.total, b = after.total, d = digits(unit);
  const side = (title, route, value, name) => h("div", { class: name, data: { value: String(value) } }, h("small", {}, title),
    value == null ? h("b", { class: "words" }, "No route") : h("b", {}, `${number(value, d)} ${UNIT[unit]}`),
    h("small", {}, value == null ? `by ${q.modes.map((m) => MODE[m].toLowerCase()).join(", ")}`
      : [unit !== "h" && `${number(route.time_h, 1)} h`, `${number(route.time_h / 24, 1)} days`, unit !== "km" && `${number(route.length_km)} km`, answer.by !== "cost" && `${number(route.cost_usd)} USD`].filter(Boolean).join(" · ")));
  let change = ["No change", ""];
  if (a == null && b == null) change = ["–", "not connected by these modes"];
  else if (a == null) change = ["Newly connected", ""];
  else if (b == null) change = ["Lost", ""];
  else if (Math.abs(b - a) > 1e-9 * Math.max(a, 1)) change = [signed(b - a, d, UNIT[unit]), signed(100 * (b - a) / a, 1, "%")];
  const tone = a != null && b != null && b > a + 1e-9 || a != null && b == null ? "worse" : change[0] === "No change" ? "" : "better";
  element.replaceChildren(
    h("p", {}, `${atlas.name(before.origin)} – ${atlas.name(before.destination)}`, h("small", {}, `  best by ${BY[answer.by].toLowerCase()}${unit === "USD" ? ", USD per container" : ""}`)),
    h("div", { class: "answer" }, side("Today", before, a, "today"), side("Then", after, b, "then"),
      h("div", { class: "change" }, h("small", {}, "Change"), h("b", { class: `${tone}${/\d/.test(change[0]) ? "" : " words"}` }, change[0]), h("small", {}, change[1]))));
  return `${atlas.name(before.origin)} to ${atlas.name(before.destination)}: ${a == null ? "no route" : `${number(a, d)} ${unit}`} today, ${b == null ? "no route" : `${number(b, d)} ${unit}`} then.`;
}

// The answer in one line, for a small screen.
export function short(atlas, { before, after, unit }) {
  if (!before || !after) return "No pair chosen";
  const told = (route) => (route.reachable ? number(route.total, digits(unit)) : "no route");
  return `${atlas.name(before.origin)} – ${atlas.name(before.destination)}: ${told(before)} → ${told(after)}${before.reachable || after.reachable ? ` ${unit}` : ""}`;
}

// Legs of one layer in a row, and the borders and transfers between them.
export function stages(route, atlas) {
  const found = [];
  const step = (what, place, hours, data = {}) => hours > 0.005 && found.push({ what, place, h: hours, ...data });
  for (const leg of route.legs) {
    step("Transfer", atlas.name(leg.from), leg.transfer_h);
    step("Change of gauge", atlas.name(leg.from), leg.gauge_h);
    const last = found.at(-1);
    if (last?.legs && last.layer === leg.layer) { last.legs.push(leg); last.km += leg.length_km; last.h += leg.run_h; }
    else found.push({ layer: leg.layer, legs: [leg], km: leg.length_km, h: leg.run_h });
    step("Border", `${atlas.name(leg.from)} – ${atlas.name(leg.to)}`, leg.border_h, { crossing: leg.crossing_id });
  }
  return found;
}

export function legs(element, atlas, answer, on) {
  const column = (title, route, name) => h("div", { class: name }, h("h3", {}, title), !route.reachable
    ? h("p", { class: "empty" }, "No route with these modes.")
    : h("ol", {}, stages(route, atlas).map((s) => {
      if (!s.legs) return h("li", { class: "step" }, `${s.what} · ${number(s.h, 1)} h`, h("small", {}, s.place));
      const line = h("span", { class: "swatch" });
      line.style.background = atlas.colours[s.layer] ?? "#444";
      return h("li", {}, h("details", {}, h("summary", {}, line, h("b", {}, atlas.layers[s.layer] ?? s.layer), ` · ${number(s.km)} km · ${number(s.h, 1)} h`,
        h("small", {}, `${atlas.name(s.legs[0].from)} – ${atlas.name(s.legs.at(-1).to)}`)),
      h("div", { class: "links" }, s.legs.map((leg) => h("div", {}, h("button", { type: "button", class: "link", onclick: () => on.link(atlas.link.get(leg.link_id)) },
        `${atlas.name(leg.from)} – ${atlas.name(leg.to)}, ${number(leg.length_km)} km`))))));
    })));
  element.replaceChildren(...(answer.before && answer.after ? [column("Today", answer.before, "today"), column("Then", answer.after, "then")] : []));
}

// Kilometres along, hours up: running is a slope, a border or a transfer a step (UNESCAP).
function corners(route) {
  const found = [[0, 0]];
  let km = 0, hours = 0;
  for (const leg of route.legs) {
    for (const [dx, dy] of [[0, leg.transfer_h + leg.gauge_h], [leg.length_km, leg.run_h], [0, leg.border_h]]) {
      if (dx || dy) found.push([(km += dx), (hours += dy)]);
    }
  }
  return found;
}

export function staircase(element, answer) {
  const lines = [["Today", answer.before, "#6b6b6b", 3.5], ["Then", answer.after, "#0072b2", 2]].filter(([, route]) => route?.reachable && route.legs.length).map(([t, route, c, w]) => [t, corners(route), c, w]);
  if (!lines.length) { element.replaceChildren(); return; }
  const W = 400, H = 190, left = 42, right = 80, top = 10, bottom = 30;
  const most = (i) => Math.max(...lines.map(([, points]) => points.at(-1)[i])) || 1;
  const x = (km) => left + (W - left - right) * km / most(0), y = (hours) => H - bottom - (H - top - bottom) * hours / most(1);
  const ticks = (max, count) => { const raw = max / count, p = 10 ** Math.floor(Math.log10(raw)), s = [1, 2, 5, 10].find((k) => k * p >= raw) * p; return Array.from({ length: Math.floor(max / s) + 1 }, (_, i) => i * s); };
  const text = (px, py, words, attributes = {}) => svg("text", { x: px, y: py, ...attributes }, words);
  const drawing = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": "Hours over kilometres of both routes" });
  for (const t of ticks(most(1), 4)) drawing.append(svg("line", { x1: left, x2: W - right, y1: y(t), y2: y(t), stroke: "#ebe9e3" }), text(left - 5, y(t) + 4, number(t), { "text-anchor": "end" }));
  for (const t of ticks(most(0), 4)) drawing.append(text(x(t), H - bottom + 14, number(t), { "text-anchor": "middle" }));
  drawing.append(text(left - 5, H - 3, "h", { "text-anchor": "end" }), text(W - right, H - 2, "km", { "text-anchor": "end" }));
  const ends = lines.map(([, points]) => y(points.at(-1)[1]));
  const shift = ends.length === 2 && Math.abs(ends[0] - ends[1]) < 13 ? (ends[0] <= ends[1] ? [-6, 8] : [8, -6]) : [0, 0];
  lines.forEach(([title, points, color, width], i) => {
    drawing.append(svg("path", { d: `M${points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join("L")}`, fill: "none", stroke: color, "stroke-width": width, "stroke-linejoin": "round" }));
    const label = text(x(points.at(-1)[0]) + 5, ends[i] + 4 + shift[i], `${title} ${number(points.at(-1)[1])} h`, { class: "strong" });
    label.style.fill = color;
    drawing.append(label);
  });
  element.replaceChildren(drawing, h("figcaption", {}, "Hours over kilometres. Slopes are running, steps are borders, transfers and gauge changes."));
}
