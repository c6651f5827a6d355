// Drives the page in Chromium. HEARTH_PAGES is a JSON object of addresses (see api/browser_test.go), or
// HEARTH_URL is the address of any running agent. HEARTH_SHOTS is where pictures go.
import { strict as assert } from 'node:assert'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { checks } from './checks.mjs'

const pages = process.env.HEARTH_PAGES ? JSON.parse(process.env.HEARTH_PAGES) : { live: process.env.HEARTH_URL }
assert.ok(Object.values(pages).every(Boolean), 'set HEARTH_URL to the address of a running agent')
const shots = process.env.HEARTH_SHOTS ?? mkdtempSync(join(tmpdir(), 'hearth-shots-'))

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
})

const views = {
  desktop: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  mobile: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  tablet: { viewport: { width: 800, height: 1000 }, reducedMotion: 'reduce' },
}

/** Opens a page and collects everything that must not happen on it. */
async function open(address, view) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'America/New_York', ...views[view] })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const faults = []
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && faults.push(`console: ${m.text()}`))
  page.on('pageerror', (e) => faults.push(`error: ${e}`))
  page.on('dialog', (d) => (faults.push(`dialog: ${d.message()}`), d.dismiss()))
  page.on('request', (r) => r.url().startsWith(address) || faults.push(`external request: ${r.url()}`))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))
  })
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return { page, context, faults }
}

let failed = 0

/** Runs every check that is due on one page in all views; what it changes it puts back. */
async function examine(name, address) {
  for (const view of Object.keys(views)) {
    const due = checks.filter((c) => c.on.includes(name) && c.views.includes(view))
    if (due.length === 0) continue
    const { page, context, faults } = await open(address, view)
    for (const check of due) {
      const started = performance.now()
      try {
        await check.run(page, { name, view, shoot: (as) => page.screenshot({ path: join(shots, `${as}.png`), fullPage: true }) })
        assert.deepEqual(faults.splice(0).filter((f) => !check.expects?.test(f)), [])
        console.log(`ok   ${check.law} (${name}, ${view}, ${Math.round(performance.now() - started)} ms)`)
      } catch (fault) {
        failed++
        console.log(`FAIL ${check.law} (${name}, ${view})\n${fault.stack}\n${faults.splice(0).join('\n')}`)
        await page.screenshot({ path: join(shots, `fail-${failed}.png`) })
      }
    }
    await context.close()
  }
}

for (const [name, address] of Object.entries(pages)) await examine(name, address)
await browser.close()
console.log(`pictures: ${shots}`)
process.exit(failed === 0 ? 0 : 1)
