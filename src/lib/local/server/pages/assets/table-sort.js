// Tables whose columns sort at a click or a key on their heading.

for (const table of document.querySelectorAll('table.sortable')) {
  const [upper, lower] = table.tHead.rows;
  const single = [...upper.cells].filter((cell) => cell.rowSpan === 2);
  [...single, ...lower.cells].forEach((heading, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const descending = heading.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.querySelectorAll('[aria-sort]')) other.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      sort(table.tBodies[0], column, descending ? -1 : 1);
    });
  });
}

function sort(body, column, direction) {
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[column]) }));
  rows.sort((a, b) => {
    // Rows without a value stay at the end.
    if (a.value === '' || b.value === '') return Number(a.value === '') - Number(b.value === '');
    if (typeof a.value === 'number' && typeof b.value === 'number') return direction * (a.value - b.value);
    return direction * String(a.value).localeCompare(String(b.value), undefined, { numeric: true });
  });
  body.append(...rows.map(({ row }) => row));
}

function valueOf(cell) {
  const text = cell.dataset.value ?? cell.textContent.trim();
  return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
}
