/* global L */
// The map: land, network and places once; routes and proposals whenever the answer changes.
import { h, number, svg } from "./words.js";

const LOOK = { added: "#d55e00", eased: "#8a6508", closed: "#000", before: "#6b6b6b", after: "#0072b2" };
const DASH = { under_consideration: "1 7", in_planning: "9 5", in_permitting: "9 5", under_construction: "12 4 2 4", cancelled: "1 7" };

// Leaflet wants [y, x]; the atlas has x, y, x, y, …
function points(flat) {
  const found = [];
  for (let i = 0; i < flat.length; i += 2) found.push([flat[i + 1], flat[i]]);
  return found;
}

export function makeMap(element, atlas, on) {
  const map = L.map(element, {
    crs: L.CRS.Simple, minZoom: -5, maxZoom: 3, zoomSnap: 0.25, zoomDelta: 0.75, wheelPxPerZoomLevel: 90,
    attributionControl: false, zoomControl: false, preferCanvas: true,
  });
  L.control.zoom({ position: "topright" }).addTo(map);
  const pane = (name, order, make) => {
    const made = map.createPane(name);
    made.style.zIndex = order;
    if (make !== L.canvas || name === "land") made.style.pointerEvents = "none";
    return make({ pane: name, padding: 0.25, tolerance: 5 });
  };
  // What stays is on canvases; what changes is SVG, so that a click repaints a few lines alone.
  const land = pane("land", 200, L.canvas), ways = pane("ways", 300, L.svg), net = pane("net", 350, L.canvas), news = pane("news", 400, L.svg);
  const labels = map.createPane("labels");
  labels.className += " place-labels";
  labels.style.zIndex = 640;
  labels.style.pointerEvents = "none";

  const still = { renderer: land, interactive: false };
  L.polygon(atlas.basemap.country.map(points), { ...still, fillColor: "#f4f1ea", fillOpacity: 1, color: "#f4f1ea", weight: 0.6 }).addTo(map);
  L.polygon(atlas.basemap.lake.map(points), { ...still, fillColor: "#dce9f2", fillOpacity: 1, stroke: false }).addTo(map);
  L.polyline(atlas.basemap.border.map(points), { ...still, color: "#b9b2a3", weight: 0.9 }).addTo(map);
  L.polyline(atlas.basemap.disputed.map(points), { ...still, color: "#b9b2a3", weight: 1, dashArray: "4 3" }).addTo(map);

  const course = new Map(atlas.links.map((link) => [link.id, points(link.course)]));
  const at = new Map(atlas.places.filter((p) => p.at.length).map((p) => [p.id, points(p.at)[0]]));
  const base = L.featureGroup().addTo(map), ofMode = {}, changes = L.featureGroup().addTo(map), routes = L.layerGroup().addTo(map);
  for (const link of atlas.links) {
    if (link.scenario || link.status !== "operating" || course.get(link.id).length < 2) continue;
    const thin = link.layer === "road" || link.layer === "sea";
    const line = L.polyline(course.get(link.id), {
      renderer: net, color: atlas.colours[link.layer] ?? "#444", weight: thin ? 1.1 : 1.6,
      opacity: link.known ? 0.85 : 0.45, dashArray: link.layer === "sea" ? "5 4" : null,
    });
    line.link = link;
    (ofMode[link.layer.split("-")[0]] ??= []).push(line);
  }
  const dots = [];
  for (const place of atlas.places) {
    if (!place.ends.length || !at.has(place.id)) continue;
    const dot = L.circleMarker(at.get(place.id), { renderer: net, radius: 2.6, color: "#444", weight: 1, fillColor: "#fff", fillOpacity: 1 });
    dot.place = place;
    dots.push(dot);
  }

  // The links and places of the modes in use; small dots where many are in view.
  let drawn = "", modes = [];
  function drawModes(wanted) {
    if (drawn === wanted.join()) return;
    [drawn, modes] = [wanted.join(), wanted];
    const put = (layer, here) => (here ? base.addLayer(layer) : base.removeLayer(layer));
    for (const [mode, list] of Object.entries(ofMode)) for (const line of list) put(line, modes.includes(mode));
    for (const dot of dots) put(dot, false);
    for (const dot of dots) put(dot, isEnd(dot.place));
    label();
  }
  const isEnd = (place) => place.ends.some((mode) => modes.includes(mode));
  map.on("zoomend", () => {
    const far = map.getZoom() < -2;
    for (const dot of dots) dot.setRadius(far ? 1.3 : 2.6).setStyle({ fillColor: far ? "#444" : "#fff" });
  });

  const tell = (layer) => {
    const { link, place, words } = layer;
    if (words) return words;
    if (place) return `${place.name}${place.people ? ` · ${number(place.people)} people` : ""}`;
    return h("div", {}, h("b", {}, link.name || `${atlas.name(link.from)} – ${atlas.name(link.to)}`), h("br"),
      `${atlas.layers[link.layer] ?? link.layer} · ${number(link.km)} km · ${number(link.km_h)} km/h · ${number(link.h, 1)} h`, h("br"),
      `Confidence ${link.confidence}: ${atlas.confidence[link.confidence]}. Click for sources.`);
  };
  for (const group of [base, changes]) {
    group.bindTooltip(tell, { sticky: true });
    group.on("click", ({ layer, latlng }) => {
      if (layer.link) on.link(layer.link);
      if (layer.place) {
        const pick = (end) => () => { map.closePopup(); on.pick(end, layer.place.id); };
        const box = h("div", {}, h("b", {}, layer.place.name), h("div", {},
          h("button", { type: "button", onclick: pick("origin") }, "From here"),
          h("button", { type: "button", onclick: pick("destination") }, "To here")));
        L.popup({ closeButton: false }).setLatLng(latlng).setContent(box).openOn(map);
      }
    });
  }

  let ends = [];
  const whole = L.latLngBounds(atlas.places.filter((p) => p.ends.length && at.has(p.id)).map((p) => at.get(p.id)));
  const frame = (bounds) => bounds.isValid() && map.fitBounds(bounds, { paddingTopLeft: [40, 40], paddingBottomRight: [40, map.getSize().y > 500 ? 130 : 40], maxZoom: 0.5, animate: false });
  map.setView([0, 0], -3);
  frame(whole);

  function name(layer, place, kind, taken) {
    const p = map.latLngToLayerPoint(place.at), size = map.getSize(), c = map.latLngToContainerPoint(place.at);
    if (c.x < 0 || c.y < 0 || c.x > size.x || c.y > size.y) return;
    const width = place.name.length * (kind === "country" ? 9 : kind === "end" ? 7.6 : 6.4) + 8, height = 17;
    const spots = kind === "country" ? [[-width / 2, -7]] : [[6, -15], [-width - 4, -15], [6, 2], [-width - 4, 2]];
    for (const [dx, dy] of spots) {
      const box = [c.x + dx, c.y + dy, c.x + dx + width, c.y + dy + height];
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
      taken.push(box);
      const label = h("span", { class: `place-label ${kind}` }, place.name);
      L.DomUtil.setPosition(label, L.point(p.x + dx, p.y + dy));
      layer.append(label);
      return;
    }
  }

  // The ends of the route, then countries, then the largest places: whatever still fits.
  function label() {
    labels.replaceChildren();
    const taken = [], room = map.getSize().x < 500 ? 10 : 40;
    for (const id of ends) if (at.has(id)) { const c = map.latLngToContainerPoint(at.get(id)); taken.push([c.x - 6, c.y - 6, c.x + 6, c.y + 6]); }
    for (const id of ends) if (at.has(id)) name(labels, { name: atlas.name(id), at: at.get(id) }, "end", taken);
    for (const c of atlas.countries) name(labels, { name: c.name, at: points(c.at)[0] }, "country", taken);
    for (const place of atlas.places) {
      if (labels.childElementCount > room + atlas.countries.length) break;
      if (isEnd(place) && at.has(place.id) && !ends.includes(place.id)) name(labels, { name: place.name, at: at.get(place.id) }, "", taken);
    }
  }
  map.on("moveend resize", label);

  const lines = (route) => (route?.legs ?? []).map((leg) => course.get(leg.link_id)).filter(Boolean);

  function show(q, answer) {
    drawModes(q.modes);
    routes.clearLayers();
    changes.clearLayers();
    const way = (flat, color, weight) => L.polyline(flat, { renderer: ways, interactive: false, color, weight, lineCap: "round" }).addTo(routes);
    const before = lines(answer?.before), after = lines(answer?.after);
    if (before.length) way(before, LOOK.before, 11);
    if (after.length) { way(after, "#fff", 8.5); way(after, LOOK.after, 6.5); }

    for (const id of q.scenarios) {
      const scenario = atlas.scenario.get(id);
      for (const kind of ["eased", "closed", "added"]) for (const linkId of scenario[kind]) {
        const flat = course.get(linkId);
        if (!flat) continue;
        const line = L.polyline(flat, { renderer: news, color: LOOK[kind], weight: kind === "closed" ? 2.5 : 3, dashArray: kind === "added" ? DASH[scenario.dash] : null });
        line.link = atlas.link.get(linkId);
        changes.addLayer(line);
      }
      for (const spot of scenario.spots) mark(spot.ends, spot.kind, `${scenario.title}: ${spot.kind === "closed" ? "closed" : "changed"} here`);
    }
    for (const key of Object.keys(q.edits)) {
      const crossing = key.startsWith("wait:") && atlas.crossing.get(key.slice(5));
      if (crossing) mark([crossing.from, crossing.to], "eased", `${crossing.name}: ${number(q.edits[key])} h (your number)`);
    }
    ends.forEach((id, i) => {
      if (!at.has(id)) return;
      const dot = L.circleMarker(at.get(id), { renderer: news, radius: 6, color: "#fff", weight: 2, fillColor: i ? LOOK.after : "#222", fillOpacity: 1 });
      dot.place = atlas.place.get(id);
      changes.addLayer(dot);
    });
  }

  function mark(nodes, kind, words) {
    const known = nodes.map((id) => at.get(id)).filter(Boolean);
    if (!known.length) return;
    const middle = [0, 1].map((i) => known.reduce((sum, p) => sum + p[i], 0) / known.length);
    const closed = kind === "closed";
    const dot = L.circleMarker(middle, { renderer: news, radius: closed ? 4.5 : 4, color: closed ? "#fff" : LOOK.eased, weight: closed ? 1.5 : 2, fillColor: closed ? "#000" : "#fff", fillOpacity: 1 });
    dot.words = words;
    changes.addLayer(dot);
  }

  return {
    show,
    // Bring a pair of places and its routes into view.
    frame(origin, destination, answer) {
      ends = [origin, destination];
      const seen = [...lines(answer.before), ...lines(answer.after)].flat();
      frame(L.latLngBounds([...seen, ...ends.filter((id) => at.has(id)).map((id) => at.get(id))]));
      label();
    },
    resize: () => map.invalidateSize({ animate: false }),
  };
}

// The legend names what is on the map now, and nothing else.
export function legend(element, atlas, q) {
  const line = (color, width, dash = "") => svg("svg", { width: 30, height: 10, "aria-hidden": "true" },
    svg("line", { x1: 1, y1: 5, x2: 29, y2: 5, stroke: color, "stroke-width": width, "stroke-dasharray": dash }));
  const dot = (fill, stroke) => svg("svg", { width: 30, height: 10, "aria-hidden": "true" },
    svg("circle", { cx: 15, cy: 5, r: 4, fill, stroke, "stroke-width": 1.8 }));
  const ticked = q.scenarios.map((id) => atlas.scenario.get(id)), has = (kind) => ticked.some((s) => s[kind].length || s.spots.some((spot) => spot.kind === kind));
  const statuses = [...new Set(ticked.filter((s) => s.added.length).map((s) => s.dash))];
  const used = new Set(atlas.links.filter((link) => q.modes.includes(link.layer.split("-")[0])).map((link) => link.layer));
  const rows = [[line(LOOK.before, 8), "Best route today"], [line(LOOK.after, 5.5), "Best route then"],
    ...statuses.map((status) => [line(LOOK.added, 3, DASH[status] ?? ""), `New, ${status.replaceAll("_", " ")}`]),
    has("eased") && [line(LOOK.eased, 3), "Upgraded"], (has("eased") || Object.keys(q.edits).length) && [dot("#fff", LOOK.eased), "Border or terminal changed"], has("closed") && [dot("#000", "#fff"), "Closed"],
    ...Object.keys(atlas.layers).filter((layer) => used.has(layer)).map((layer) => [line(atlas.colours[layer], 2, layer === "sea" ? "5 3" : ""), atlas.layers[layer]])];
  element.replaceChildren(...rows.filter(Boolean).map(([picture, words]) => h("div", { class: "row" }, picture, words)));
}
