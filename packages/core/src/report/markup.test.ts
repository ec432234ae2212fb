import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, html, toHref, trusted } from './markup.ts'

test('a part name cannot open a tag, an attribute or an entity', () => {
  const name = `"><img src=x onerror='alert(1)'>&amp;`
  expect(html`<p title="${name}">${name}</p>`.markup).toBe(
    '<p title="&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;amp;">' +
      '&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;amp;</p>',
  )
})

test('escaped text holds no character that means something in HTML, and comes back the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const escaped = escapeHtml(text)
      expect(escaped).not.toMatch(/[<>"']/)
      const back = escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '')
      expect(back).toBe(text.replace(/(?![\t\n\r])\p{Cc}/gu, '\ufffd'))
    }),
  )
})

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

test('markup inside markup is not escaped twice, lists are joined, absence leaves nothing', () => {
  const items = ['a', '<b>'].map((t) => html`<li>${t}</li>`)
  expect(html`${items}${null}${undefined}${false}${0}`.markup).toBe('<li>a</li><li>&lt;b&gt;</li>0')
  expect(html`${trusted('<hr>')}`.markup).toBe('<hr>')
})

test('a link keeps number signs, percents, blanks and quotes in the file name', () => {
  expect(toHref('parts/a#1 50%?"\'.png')).toBe("parts/a%231%2050%25%3F%22'.png")
  expect(toHref('../x/../ü.png')).toBe('../x/../%C3%BC.png')
})

test('a file name that is not proper Unicode still makes a link', () => {
  expect(toHref('a\ud800b.png')).toBe('a%EF%BF%BDb.png')
})
