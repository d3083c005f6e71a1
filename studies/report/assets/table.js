// Sorting the table, and filtering it together with the pictures.
const body = one(".cells tbody");
if (body) {
  all(".cells thead th").forEach((head, column) => {
    const button = make("button", { type: "button" }, head.textContent.trim());
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      all(".cells thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(column, down ? -1 : 1);
    });
  });

  // Numbers by size, words by the alphabet, and what is empty always last.
  function sort(column, sign) {
    const rows = all("tr", body).map((row) => [row, row.children[column].textContent.trim()]);
    const numeric = rows.every(([, text]) => text === "" || !Number.isNaN(Number(text)));
    const order = numeric ? (a, b) => a - b : (a, b) => a.localeCompare(b, "en", { numeric: true });
    rows.sort(([, a], [, b]) => (a === "") - (b === "") || sign * order(a, b));
    body.append(...rows.map(([row]) => row));
  }

  const texts = cells.map((cell) => [cell.name, cell.caption, cell.device, cell.commit,
    ...Object.values(cell.settings)].join(" ").toLowerCase());

  // A word is looked for everywhere; `key=value` in that setting, numbers by their size.
  function has(number, word) {
    const [key, value] = word.split("=", 2);
    const setting = cells[number].settings[key]?.toLowerCase();
    if (value === undefined || setting === undefined) return texts[number].includes(word);
    const numeric = value !== "" && !Number.isNaN(Number(value));
    return numeric ? setting !== "" && Number(setting) === Number(value) : setting.includes(value);
  }

  function filter(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    cells.forEach((_, number) => {
      const there = wanted.every((word) => has(number, word));
      count += there;
      one(`#cell-${number}`).hidden = !there;
      one(`#row-${number}`).hidden = !there;
    });
    for (const group of all("#pictures .group")) group.hidden = !one("li:not([hidden])", group);
    for (const output of all(".count")) output.textContent = `${count} of ${cells.length}`;
    document.dispatchEvent(new Event("filtered"));
  }
  for (const field of all(".filter")) {
    field.addEventListener("input", () => {
      for (const other of all(".filter")) other.value = field.value;
      filter(field.value);
    });
  }
  for (const output of all(".count")) output.textContent = `${cells.length} of ${cells.length}`;
}
