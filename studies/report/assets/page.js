// What all parts of the page use: the data, and how elements are made. No markup is ever built from text.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const report = read("data");
const cells = report.cells;

// Curves and trajectories are large, and read when they are first looked at.
const later = (id) => { let value; return () => (value ??= read(id)); };
const curves = later("curves");
const trajectories = later("trajectories");

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const source = (number) => one(`#cell-${number} img`).src;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const digits = (value) => (value === null ? "" : String(Number(value.toPrecision(4))));

// What can be said of a cell, as pairs: its settings, then its results.
function settingsOf(cell) {
  return Object.entries(cell.settings).filter(([, value]) => value);
}
function resultsOf(cell) {
  const { total, content, style } = cell.losses;
  return [
    ["total loss", digits(total)], ["content loss", digits(content)], ["style loss", digits(style)],
    ["evaluations", String(cell.evaluations)],
    ["seconds", cell.seconds === null ? "" : cell.seconds.toFixed(1)],
    ["device", cell.device], ["commit", cell.commit],
  ].filter(([, value]) => value);
}

// The plane with the most places, which says most.
function largest(planes) {
  const places = planes.map((plane) => plane.cells.flat().length);
  return places.indexOf(Math.max(...places));
}
