/** What makes the table of a class sortable and searchable, in a browser that runs scripts. */
export const SORT_AND_SEARCH = `
const table = document.querySelector('table.sortable')
const body = table.tBodies[0]
const value = (row, place) => row.cells[place].dataset.sort ?? row.cells[place].textContent
const compare = new Intl.Collator('en', { numeric: true }).compare
for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
  const button = document.createElement('button')
  button.type = 'button'
  button.append(...head.childNodes)
  head.append(button)
  button.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending'
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
    const numbers = [...body.rows].every((row) => row.cells[place].dataset.sort !== undefined)
    const order = numbers
      ? (a, b) => value(a, place) - value(b, place)
      : (a, b) => compare(value(a, place), value(b, place))
    body.append(...[...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b))))
  })
}
table.tHead.rows[0].cells[0].setAttribute('aria-sort', 'ascending')
const label = document.createElement('label')
label.className = 'screen'
label.textContent = 'Search'
const search = document.createElement('input')
search.type = 'search'
label.append(search)
table.parentElement.before(label)
search.addEventListener('input', () => {
  const words = search.value.toLowerCase()
  for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(words)
})
`
