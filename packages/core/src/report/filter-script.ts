/**
 * The script of the inspection page: filter by verdict, product and name, sort, hide outlines.
 *
 * The state is kept in the address after `#`, so that a view can be sent to a colleague:
 * `index.html#finding=defect&sort=name`. Old browsers and no script at all show everything.
 */

export const filterScript = `
(() => {
  const form = document.getElementById('tools')
  const list = document.getElementById('cards')
  const cards = [...list.children]
  const shown = document.getElementById('shown')
  const none = document.getElementById('none')
  const field = (name) => form.elements[name]
  const number = (card) => card.dataset.score === '' ? Infinity : Number(card.dataset.score)
  const orders = {
    strange: (a, b) => number(b) - number(a) || a.dataset.index - b.dataset.index,
    familiar: (a, b) => number(a) - number(b) || a.dataset.index - b.dataset.index,
    name: (a, b) => a.dataset.index - b.dataset.index,
  }
  function apply() {
    const finding = field('finding').value
    const product = field('product') ? field('product').value : ''
    const sort = field('sort').value
    const text = field('text').value.trim().toLowerCase()
    const kept = cards.filter((card) => {
      const keep = (finding === '' || card.dataset.finding === finding)
        && (product === '' || card.dataset.product === product)
        && card.dataset.name.toLowerCase().includes(text)
      card.hidden = !keep
      return keep
    })
    if (list.dataset.sort !== sort) {
      list.append(...cards.toSorted((a, b) => orders[sort](a, b) || 0))
      list.dataset.sort = sort
    }
    document.body.classList.toggle('no-outline', !field('outline').checked)
    shown.textContent = kept.length === cards.length ? '' : kept.length + ' of ' + cards.length
    none.hidden = kept.length > 0 || cards.length === 0
    const state = new URLSearchParams()
    if (finding) state.set('finding', finding)
    if (product) state.set('product', product)
    if (sort !== 'strange') state.set('sort', sort)
    if (text) state.set('text', text)
    const hash = state.toString()
    if (hash !== '' || location.hash.includes('=')) history.replaceState(null, '', '#' + hash)
  }
  if (location.hash.includes('=')) {
    const state = new URLSearchParams(location.hash.slice(1))
    for (const [name, value] of state) if (field(name)) field(name).value = value
    if (!orders[field('sort').value]) field('sort').value = 'strange'
  }
  list.dataset.sort = 'strange'
  form.addEventListener('input', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  form.hidden = false
  apply()
})()
`
