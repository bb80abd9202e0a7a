// From a click to a painted answer: the question changes, the server answers, all panels follow.
import { FAMILIES, Past, asQuestion, blank, fromFragment, toFragment } from "./state.js";
import { BY, MODE, gain, h } from "./words.js";
import { legend, makeMap } from "./map.js";
import * as panels from "./panels.js";

const $ = (id) => document.getElementById(id);
const past = new Past();
let atlas, map, q, answer, gains, paint, settled = "", framed = "", open = [], asking = false, again = false, begun = 0;

async function post(kind, body) {
  const reply = await fetch(`/api/${kind}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const found = await reply.json();
  if (!reply.ok) throw Object.assign(new Error("refused"), { problems: found.problems });
  return found;
}

function alarm(problems) {
  const lines = problems.map((p) => h("div", {}, `${p.message}${p.field ? ` (${p.field})` : ""}. ${p.hint ?? ""}`));
  $("alert").replaceChildren(...(lines.length ? [h("button", { type: "button", "aria-label": "Dismiss", onclick: () => alarm([]) }, "×"), ...lines] : []));
}
const problemsOf = (error) => error.problems ?? [{ message: "The explorer does not answer", hint: "Is the command still running?" }];

// Change the question; `settle: false` while a slider moves, so that one drag is one step back.
function change(edit, { settle = true } = {}) {
  begun = performance.now();
  const next = structuredClone(q);
  edit(next);
  go(next, settle);
}

function go(next, settle = true) {
  const fragment = toFragment(next);
  if (settle && fragment !== settled) {
    past.note(settled);
    settled = fragment;
  }
  if (fragment === toFragment(q) && answer) return update();
  q = next;
  history.replaceState(null, "", `#${fragment}`);
  alarm([]);
  update();
  return ask();
}

function step(fragment) {
  if (fragment == null) return;
  begun = performance.now();
  alarm([]);
  take(fragment);
  ask();
}

// Stand where the page stood before, without asking again.
function take(fragment) {
  settled = fragment;
  q = fromFragment(fragment, atlas).q;
  history.replaceState(null, "", `#${fragment}`);
  update();
}

// One question at a time; what is asked meanwhile is asked once more afterwards.
async function ask() {
  if (asking) { again = true; return; }
  asking = true;
  const slow = setTimeout(() => { $("timing").textContent = "Working …"; }, 400);
  do {
    again = false;
    const asked = structuredClone(q), body = asQuestion(asked, atlas), same = JSON.stringify({ ...body, origin: "", destination: "" });
    try {
      const answerToCome = post("answer", body), gainsToCome = same === gains?.of ? null : post("gains", body);
      gainsToCome?.catch(() => {});
      answer = await answerToCome;
      places(asked);
      update();
      results();
      if (gainsToCome) {
        gains = { of: same, by: await gainsToCome };
        list();
      }
    } catch (error) {
      alarm(problemsOf(error));
      if (problemsOf(error)[0]?.file === "place") { // no such place: the region is answered all the same
        for (const end of ["origin", "destination"]) $(end).setAttribute("aria-invalid", !atlas.place.has(q[end]) && q[end] !== "");
        answer = await post("answer", { ...body, origin: "", destination: "" });
        results();
      } else if (!again && past.before.length && error.problems) {
        take(past.before.pop()); // what is refused is taken back
      }
    }
  } while (again);
  asking = false;
  clearTimeout(slow);
  requestAnimationFrame(() => setTimeout(() => {
    if (asking) return;
    const ms = Math.round(performance.now() - begun);
    $("timing").textContent = `Updated in ${ms} ms`;
    Object.assign(document.body.dataset, { ms, turn: Number(document.body.dataset.turn ?? 0) + 1 });
  }));
}

// The server finds places by any of their names; then the page knows them by id.
function places(asked) {
  for (const [end, route] of [["origin", answer.before?.origin], ["destination", answer.before?.destination]]) {
    if (route && q[end] === asked[end]) q[end] = route;
    $(end).removeAttribute("aria-invalid");
  }
  settled = settled === toFragment(asked) ? toFragment(q) : settled;
  history.replaceState(null, "", `#${toFragment(q)}`);
  const view = `${q.origin} ${q.destination}`;
  if (view !== framed && answer.before) map.frame(q.origin, q.destination, answer);
  framed = view;
}

function update() {
  for (const end of ["origin", "destination"]) if (document.activeElement !== $(end)) $(end).value = atlas.place.has(q[end]) ? atlas.label(q[end]) : q[end];
  for (const input of document.querySelectorAll("#modes input")) input.checked = q.modes.includes(input.value);
  for (const input of document.querySelectorAll("#by input")) input.checked = q.by === input.value;
  $("measure").value = q.measure;
  $("undo").disabled = !past.before.length;
  $("redo").disabled = !past.after.length;
  const nothing = !q.scenarios.length && !Object.keys(q.edits).length;
  $("reset").disabled = $("save").disabled = nothing;
  $("gain-hint").textContent = `What each ${q.scenarios.length ? "adds to what is ticked" : "gains alone"}, in % of today’s ${q.measure.replace("_", " ")} by ${BY[q.by].toLowerCase()}.`;
  list();
  paint.sliders(q, answer, open);
}

const list = () => paint.proposals(q, gains?.by, $("sort").value, $("filter").value);

function results() {
  map.show(q, answer);
  legend($("legend-rows"), atlas, q);
  panels.measures($("measures").tBodies[0], $("pairs"), $("region-hint"), answer);
  const said = panels.headline($("headline"), atlas, q, answer);
  const { percent_change: gained } = answer.measures.find((m) => m.metric === "efficiency");
  $("strip").replaceChildren(h("span", {}, panels.short(atlas, answer)), h("span", {}, `Region ${gain(gained)}`));
  panels.legs($("legs"), atlas, answer, { link: showLink });
  panels.staircase($("staircase"), answer);
  if (!document.body.classList.contains("sliding")) $("status").textContent = `${said} ${$("pairs").textContent}`;
}

const tick = (id, ticked) => change((next) => {
  const drop = (gone) => { next.scenarios = next.scenarios.filter((s) => s !== gone && !atlas.scenario.get(s).requires.includes(gone)); };
  const add = (name) => { if (!next.scenarios.includes(name)) { next.scenarios.push(name); atlas.scenario.get(name).requires.forEach(add); } };
  if (ticked) add(id); else drop(id);
});

function card(title, ...body) {
  $("card-title").textContent = title;
  $("card-body").replaceChildren(...body);
  if (!$("card").open) $("card").showModal();
}

const source = (title, url, ...more) => h("div", { class: "source" }, h("b", {}, title), ...[url, ...more].filter(Boolean).map((m) => h("small", {}, m)));

function about(s) {
  const fact = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []);
  card(s.title, h("dl", {}, fact("Status", s.status), fact("Year", s.year && String(s.year)), fact("Capital cost", s.capex && `${s.capex.toLocaleString("en")} million USD`),
    fact("Requires", s.requires.join(", ")), fact("Conflicts with", atlas.conflicts[s.id].join(", ")), fact("Includes", s.members.join(", ")), fact("File", `${s.id}.yaml`)),
  h("p", {}, s.notes), h("h3", {}, "Sources"), ...s.sources.map((id) => source(atlas.sources[id]?.title ?? id, atlas.sources[id]?.url, atlas.sources[id]?.publisher)));
}

async function showLink(link) {
  const facts = [["Layer", atlas.layers[link.layer] ?? link.layer], ["Length", `${link.km.toLocaleString("en")} km`], ["Speed, stops included", `${link.km_h} km/h`], ["Hours, stops included", `${link.h} h`],
    ["Status", link.scenario ? `proposed by ${link.scenario}` : link.status], ["Confidence", `${link.confidence}: ${atlas.confidence[link.confidence]}`]];
  const rows = h("div", {}, h("p", { class: "empty" }, "Looking up the sources …"));
  card(link.name || `${atlas.name(link.from)} – ${atlas.name(link.to)}`, h("p", {}, `${atlas.name(link.from)} – ${atlas.name(link.to)}`), h("dl", {}, facts.flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)])), h("h3", {}, "What the figures rest on"), rows);
  try {
    const found = await post("link", { question: asQuestion(q, atlas), link: link.id });
    rows.replaceChildren(...found.map((e) => source(`${e.says} · ${e.confidence}, ${atlas.confidence[e.confidence]}`, "", e.title, e.url, e.notes)));
  } catch (error) { rows.replaceChildren(h("p", { class: "worse" }, problemsOf(error)[0].message)); }
}

async function save() {
  if (!$("saving").open) {
    $("file-name").value = `what-if-${q.scenarios.length === 1 ? q.scenarios[0] : q.scenarios.length || "own"}`.slice(0, 60);
    $("file-title").value = "";
    $("saving").showModal();
  }
  try {
    const found = await post("scenario", { question: asQuestion(q, atlas), name: $("file-name").value, title: $("file-title").value });
    $("file-text").textContent = found.text;
    $("file-command").textContent = found.command;
    $("download").onclick = () => {
      const url = URL.createObjectURL(new Blob([found.text], { type: "application/yaml" }));
      h("a", { href: url, download: found.file }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    };
    $("download").disabled = false;
  } catch (error) {
    $("file-text").textContent = problemsOf(error).map((p) => `${p.message}. ${p.hint ?? ""}`).join("\n");
    $("file-command").textContent = "";
    $("download").disabled = true;
  }
}

function controls() {
  const chip = (type, name, value, words, onchange) => h("label", { class: value === "gas" ? "apart" : "" }, h("input", { type, name, value, onchange }), words);
  $("modes").append(...FAMILIES.flat().map((mode) => chip("checkbox", "modes", mode, MODE[mode], ({ target }) => change((next) => {
    const family = FAMILIES.find((f) => f.includes(mode)); // pipelines are worked out apart from freight
    const kept = next.modes.filter((m) => m !== mode && family.includes(m));
    next.modes = target.checked ? [...kept, mode] : kept.length ? kept : next.modes;
  }))));
  $("by").append(...Object.entries(BY).map(([by, words]) => chip("radio", "by", by, words, () => change((next) => { next.by = by; }))));
  $("places").append(...atlas.places.map((p) => h("option", { value: atlas.label(p.id) })));
  for (const end of ["origin", "destination"]) {
    $(end).addEventListener("change", () => change((next) => { next[end] = atlas.byLabel.get($(end).value.trim()) ?? $(end).value.trim(); }));
    $(end).addEventListener("focus", () => $(end).select());
  }
  $("pair").addEventListener("submit", (event) => { event.preventDefault(); document.activeElement.blur(); });
  $("swap").onclick = () => change((next) => { [next.origin, next.destination] = [q.destination, q.origin]; });
  $("undo").onclick = () => step(past.undo(settled));
  $("redo").onclick = () => step(past.redo(settled));
  $("reset").onclick = () => change((next) => { next.scenarios = []; next.edits = {}; open = []; });
  $("copy").onclick = async () => {
    await navigator.clipboard.writeText(location.href).then(() => { $("copy").textContent = "Copied"; }, () => { $("copy").textContent = "See the address bar"; });
    setTimeout(() => { $("copy").textContent = "Copy link"; }, 1500);
  };
  $("save").onclick = save;
  for (const id of ["file-name", "file-title"]) $(id).addEventListener("change", save);
  for (const id of ["sort", "filter"]) $(id).addEventListener("input", list);
  $("measure").onchange = () => change((next) => { next.measure = $("measure").value; });
  for (const button of document.querySelectorAll(".views button")) button.onclick = () => view(button.dataset.view);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input:not([type=checkbox], [type=range], [type=radio])")) return;
    if (event.key.toLowerCase() === "z") { event.preventDefault(); step(event.shiftKey ? past.redo(settled) : past.undo(settled)); }
    if (event.key.toLowerCase() === "y") { event.preventDefault(); step(past.redo(settled)); }
  });
  addEventListener("hashchange", () => { if (location.hash.slice(1) !== toFragment(q)) change((next) => Object.assign(next, blank(atlas.start), fromFragment(location.hash.slice(1), atlas).q)); });
}

function view(name) {
  document.body.dataset.view = name;
  for (const button of document.querySelectorAll(".views button")) button.setAttribute("aria-pressed", button.dataset.view === name);
}

async function start() {
  begun = performance.now();
  atlas = await (await fetch("/api/atlas")).json();
  const keyed = (list) => new Map(list.map((item) => [item.id, item]));
  Object.assign(atlas, { scenario: keyed(atlas.scenarios), place: keyed(atlas.places), link: keyed(atlas.links), crossing: keyed(atlas.crossings), speed: new Map(atlas.classes.map((c) => [`${c.mode}:${c.country}`, c])) });
  const countries = new Map(atlas.countries.map((c) => [c.code, c.name]));
  atlas.name = (id) => atlas.place.get(id)?.name ?? id;
  atlas.country = (code) => countries.get(code) ?? code;
  atlas.label = (id) => { const p = atlas.place.get(id); return p.country ? `${p.name}, ${p.country}` : p.name; };
  atlas.byLabel = new Map(atlas.places.map((p) => [atlas.label(p.id), p.id]).reverse());
  const { q: first, unknown } = fromFragment(location.hash.slice(1), atlas);
  q = first;
  settled = toFragment(q);
  map = makeMap($("map"), atlas, { link: showLink, pick: (end, id) => change((next) => { next[end] = id; }) });
  for (const place of document.querySelectorAll(".credit, #legend .note")) place.textContent = `Faint: course not known. ${atlas.note} Parts © OpenStreetMap contributors. Operating links, 2026.`;
  if (innerWidth < 821) $("legend").open = false;
  new ResizeObserver(map.resize).observe($("map"));
  paint = {
    proposals: panels.proposals($("proposals"), atlas, { tick, about }),
    sliders: panels.sliders($("adjust"), atlas, {
      slide: (key, value) => { document.body.classList.add("sliding"); change((next) => { next.edits[key] = value; }, { settle: false }); },
      settle: () => { document.body.classList.remove("sliding"); change(() => {}); },
      back: (key) => change((next) => { delete next.edits[key]; }),
      add: (key) => { open = [...open, key]; update(); $(`s-${key}`)?.focus(); },
    }),
  };
  controls();
  view("proposals");
  update();
  await ask();
  if (unknown.length) alarm([{ message: `The address names ${unknown.join(", ")}, which is not among these scenarios`, hint: "It is left out." }]);
}

start().catch((error) => { console.error(error); alarm([{ message: "The page could not start", hint: String(error) }]); });
