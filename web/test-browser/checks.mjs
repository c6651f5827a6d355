// What must hold on the page. The checks run in this order on one page of each name and view; those that
// change something put it back.
import { strict as assert } from 'node:assert'

const everywhere = ['day', 'change', 'unknown', 'hostile', 'live']

/** Waits until both plots have drawn something that is not one plain colour. */
async function drawn(page) {
  await page.waitForFunction(() => {
    const plots = [...document.querySelectorAll('canvas')]
    return plots.length === 2 && plots.every((c) => {
      if (c.width * c.height === 0) return false
      const copy = new OffscreenCanvas(c.width, c.height).getContext('2d', { willReadFrequently: true })
      copy.drawImage(c, 0, 0) // reading the plot's own canvas often is worth a warning to the browser
      const { data } = copy.getImageData(0, 0, c.width, c.height)
      const colours = new Set()
      for (let i = 0; i < data.length; i += 4 * 97) if (data[i + 3] > 40) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])
      return colours.size > 5
    })
  })
}

/** The parts that stick out of the page or are cut off on the right. */
const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

export const checks = [
  {
    law: 'the chart is drawn and every device has a card',
    on: ['day', 'live'],
    views: ['desktop', 'dark', 'tablet', 'mobile'],
    async run(page, { name, view, shoot }) {
      await drawn(page)
      const cards = await page.locator('article').count()
      assert.ok(cards >= 1, 'no device cards')
      const { devices } = await page.evaluate(() => fetch('api/v1/home').then((r) => r.json()))
      assert.equal(cards, devices.length)
      assert.equal(await tooWide(page), 0, 'the page scrolls sideways')
      await shoot(`${name}-${view}`)
    },
  },
  {
    law: 'what the operator asks stands on top, with what is done about it, and is drawn in the chart',
    on: ['day'],
    views: ['desktop', 'dark', 'mobile'],
    async run(page) {
      await drawn(page)
      const asks = page.getByRole('region', { name: 'What the grid’s operator asks' })
      const first = await asks.locator('li').first().innerText()
      assert.match(first, /Flex alert\s+until 13:00\s+utility/)
      assert.match(first, /“Heat wave: please use less.”\s+What can be moved goes to other times/)
      assert.match(await asks.locator('li').nth(1).innerText(), /Possible outage\s+from 21:30 until further notice/)
      assert.match(await asks.locator('li').nth(2).innerText(), /At most 6kW may be taken\s+13:30 to 19:30\s+utility, for Family car/)
      assert.deepEqual(await page.locator('[data-asked]').evaluateAll((all) => all.map((e) => e.dataset.asked)), [
        'Flex alert', 'At most 6kW may be taken', 'Possible outage',
      ])
      const box = await asks.boundingBox()
      assert.ok(box.y < (await page.locator('.tile').first().boundingBox()).y, 'it stands below the numbers')
      await asks.getByText('1 more in the next 24 hours').click()
      assert.match(await asks.innerText(), /Storm on the coast/)
      await asks.getByText('1 more in the next 24 hours').click()
    },
  },
  {
    law: 'times are those of the home, not of the browser',
    on: ['day'],
    views: ['desktop'],
    async run(page) {
      await page.getByText('12:34', { exact: true }).waitFor() // the browser says 06:34
    },
  },
  {
    law: 'text has the contrast of WCAG AA',
    on: ['day'],
    views: ['desktop', 'dark'],
    async run(page) {
      await drawn(page)
      assert.deepEqual(await page.evaluate(lowContrast), [])
    },
  },
  {
    law: 'every control can be reached by keyboard and has a name',
    on: everywhere,
    views: ['desktop'],
    async run(page) {
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, a[href], [tabindex]')]
          .filter((e) => e.tabIndex < 0 || !(e.getAttribute('aria-label') ?? e.textContent).trim())
          .map((e) => e.outerHTML),
      )
      assert.deepEqual(nameless, [])
    },
  },
  {
    law: 'the readout names the price of tomorrow',
    on: ['day'],
    views: ['desktop', 'mobile'],
    async run(page, { view, shoot }) {
      await drawn(page)
      await page.getByRole('slider').scrollIntoViewIfNeeded()
      const box = await page.getByRole('slider').boundingBox()
      await page.mouse.move(box.x + box.width * 0.77, box.y + 120)
      if (view === 'mobile') await page.touchscreen.tap(box.x + box.width * 0.77, box.y + 120)
      const said = await page.getByRole('slider').getAttribute('aria-valuetext')
      assert.match(said, /^Tomorrow .*Price -?[\d.]+\sct\/kWh/)
      await shoot(`readout-${view}`)
      await page.mouse.move(1, 1)
    },
  },
  {
    law: 'the keyboard reaches every quarter of an hour, the hour that comes twice included',
    on: ['change'],
    views: ['dark'],
    async run(page, { shoot }) {
      await drawn(page)
      await shoot('change-dark')
      const slider = page.getByRole('slider')
      await slider.focus()
      await page.keyboard.press('Home')
      const seen = []
      for (let i = 0; i < 13; i++) {
        seen.push((await slider.getAttribute('aria-valuetext')).split(',')[0])
        await page.keyboard.press('ArrowRight')
      }
      assert.equal(new Set(seen).size, seen.length, `two quarters read the same: ${seen}`)
      assert.match(seen[8], /02:00/)
      assert.match(seen[12], /02:00–02:15 GMT\+1/)
      await page.keyboard.press('Escape')
    },
  },
  {
    law: 'what is not known is a dash and never a zero',
    on: ['unknown'],
    views: ['desktop', 'mobile'],
    async run(page, { view, shoot }) {
      const tiles = page.locator('.tile')
      for (const i of [0, 1, 2]) assert.match(await tiles.nth(i).innerText(), /–/)
      for (const i of [0, 1, 2]) assert.doesNotMatch(await tiles.nth(i).innerText(), /\b0\b/)
      assert.match(await page.locator('article').innerText(), /–.*No|No answer/s)
      await shoot(`unknown-${view}`)
    },
  },
  {
    law: 'text from outside stays text and breaks nothing',
    on: ['hostile'],
    views: ['desktop', 'mobile'],
    async run(page, { view, shoot }) {
      await drawn(page)
      await page.locator('article h3', { hasText: '<img src=x onerror=' }).first().waitFor()
      assert.equal(await page.locator('img').count(), 0)
      assert.equal(await page.evaluate(() => document.scripts.length), 1)
      assert.doesNotMatch(await page.title(), /^owned/)
      assert.equal(await tooWide(page), 0, 'the page scrolls sideways')
      await shoot(`hostile-${view}`)
    },
  },
  {
    law: 'the legend switches curves off and on',
    on: ['day'],
    views: ['desktop'],
    async run(page) {
      await drawn(page)
      const picture = () => page.evaluate(() => document.querySelectorAll('canvas')[1].toDataURL())
      const before = await picture()
      const button = page.getByRole('button', { name: 'Family car' })
      await button.focus()
      await page.keyboard.press('Enter')
      assert.equal(await button.getAttribute('aria-pressed'), 'false')
      await page.waitForFunction((b) => document.querySelectorAll('canvas')[1].toDataURL() !== b, before)
      await page.keyboard.press('Enter')
      await page.waitForFunction((b) => document.querySelectorAll('canvas')[1].toDataURL() === b, before)
    },
  },
  {
    law: 'a lost connection is said, and forgotten when it is back',
    on: ['day'],
    views: ['desktop'],
    expects: /Failed to load resource|ERR_FAILED/,
    async run(page, { shoot }) {
      await page.getByText('live', { exact: true }).waitFor()
      await page.route('**/api/v1/stream', (r) => r.abort())
      // The stream that is open stays open in spite of the route: hide and show the page to open a new one.
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await page.getByRole('alert').waitFor()
      assert.match(await page.getByRole('alert').innerText(), /Connection lost/)
      await shoot('lost')
      await page.unroute('**/api/v1/stream')
      await page.getByRole('alert').waitFor({ state: 'detached' })
    },
  },
]

/** Runs in the page: the texts whose contrast against what lies behind them is below 4.5:1. */
function lowContrast() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = ([r, g, b]) => {
    const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
  }
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor)
      if (colour[3] === 255) return colour
    }
    return [255, 255, 255, 255]
  }
  const found = []
  const walk = document.createTreeWalker(document.querySelector('.page'), NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement
    if (!walk.currentNode.data.trim() || e.closest('.stale .now, [aria-hidden="true"] canvas')) continue
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${walk.currentNode.data.trim()}`)
  }
  return found
}
