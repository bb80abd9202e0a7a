// The question on the page: one plain object, kept in the address and in a history.

export const FAMILIES = [["rail", "road", "sea"], ["gas", "oil"]];

export function blank(start) {
  const { origin = "", destination = "", by, modes } = start;
  return { scenarios: [], edits: {}, origin, destination, by, modes: [...modes], measure: "efficiency" };
}

export function toFragment(q) {
  const p = new URLSearchParams({ from: q.origin, to: q.destination, by: q.by, modes: q.modes.join(",") });
  if (q.scenarios.length) p.set("with", q.scenarios.join(","));
  if (q.measure !== "efficiency") p.set("gain", q.measure);
  for (const [key, value] of Object.entries(q.edits)) p.append("edit", `${key}=${value}`);
  return p.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

// What an address says; what it does not say, or says wrongly, is as at the start.
export function fromFragment(text, atlas) {
  const p = new URLSearchParams(text), q = blank(atlas.start);
  if (p.has("from")) q.origin = p.get("from").slice(0, 200);
  if (p.has("to")) q.destination = p.get("to").slice(0, 200);
  if (["length", "time", "cost", "generalised"].includes(p.get("by"))) q.by = p.get("by");
  if (p.get("gain") === "market_access") q.measure = "market_access";
  const modes = (p.get("modes") ?? "").split(",").filter((m) => FAMILIES.flat().includes(m));
  if (modes.length) q.modes = modes;
  const wanted = (p.get("with") ?? "").split(",").filter(Boolean);
  q.scenarios = wanted.filter((name) => atlas.scenario.has(name));
  for (const edit of p.getAll("edit")) {
    const [key, value] = edit.split("=");
    if (rowsOf(key, atlas) && Number.isFinite(Number(value))) q.edits[key] = Number(value);
  }
  return { q, unknown: wanted.filter((name) => !atlas.scenario.has(name)) };
}

// Edits are keyed wait:CROSSING, line:SCENARIO (its new lines) and speed:MODE:COUNTRY.
export function rowsOf(key, atlas) {
  const [kind, name, country] = key.split(":");
  if (kind === "wait" && atlas.crossing.has(name)) return { table: "crossings", where: { crossing_id: name } };
  const speeds = kind === "line" && atlas.scenario.get(name)?.speeds;
  if (speeds) return { table: "links", where: { link_id: speeds.links } };
  if (kind === "speed" && atlas.speed.has(`${name}:${country}`)) return { table: "links", where: { mode: name, country } };
  return null;
}

// The question as the server takes it.
export function asQuestion(q, atlas) {
  const edits = Object.entries(q.edits).map(([key, value]) => ({ ...rowsOf(key, atlas), value }));
  return { ...q, edits };
}

export class Past {
  constructor() { this.before = []; this.after = []; }
  note(state) { this.before.push(state); this.after = []; }
  undo(now) { if (!this.before.length) return null; this.after.push(now); return this.before.pop(); }
  redo(now) { if (!this.after.length) return null; this.before.push(now); return this.after.pop(); }
}
