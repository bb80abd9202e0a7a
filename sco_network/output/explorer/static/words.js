// Elements, numbers and names. Text is always set as text, so that no name becomes markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function number(value, digits = 0) {
  if (value == null) return "–";
  const shown = Math.abs(value) < 0.1 && value !== 0
    ? value.toLocaleString("en", { maximumSignificantDigits: 4 })
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return shown.replace("-", "−");
}

export function signed(value, digits = 0, unit = "") {
  if (value == null) return "–";
  const shown = number(value, digits);
  const plus = value > 0 && /[1-9]/.test(shown) ? "+" : "";
  return plus + shown.replace(/^−(0(\.0+)?)$/, "$1") + (unit && ` ${unit}`);
}

// Percent with the figures that count.
export function gain(value) {
  if (value == null) return "–";
  if (value === 0) return "0 %";
  if (Math.abs(value) < 0.001) return value > 0 ? "< 0.001 %" : "> −0.001 %";
  return (value > 0 ? "+" : "") + value.toLocaleString("en", { maximumSignificantDigits: Math.abs(value) < 0.1 ? 2 : 3 }).replace("-", "−") + " %";
}

export const UNIT = { km: "km", h: "h", USD: "USD" };
export const BY = { time: "Time", length: "Length", cost: "Cost", generalised: "Cost and time" };
export const MODE = { rail: "Rail", road: "Road", sea: "Sea", gas: "Gas", oil: "Oil" };
export const KIND = {
  rail: "Railways", road: "Roads", border: "Borders", port: "Ports", policy: "Policy",
  pipeline: "Pipelines", package: "Packages", closure: "Closures",
};
