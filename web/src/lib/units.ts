// Numbers as text. What is not known is a dash, never a zero.

export const dash = '–'

type Known = number | null | undefined

/** The everyday hundredth of a currency, for prices per kWh. Others are shown in the currency itself. */
const hundredths = new Map([
  ['EUR', 'ct'], ['USD', '¢'], ['CAD', '¢'], ['AUD', '¢'], ['NZD', '¢'], ['GBP', 'p'], ['CHF', 'Rp.'],
  ['SEK', 'öre'], ['NOK', 'øre'], ['DKK', 'øre'],
])

const isKnown = (v: Known): v is number => typeof v === 'number' && Number.isFinite(v)

/** Units writes numbers in a locale (the browser's when none is given) and the home's currency. */
export class Units {
  private readonly formats = new Map<string, Intl.NumberFormat>()

  constructor(
    readonly currency: string,
    private readonly locale?: string,
  ) {}

  number(v: Known, digits: number): string {
    return isKnown(v) ? this.format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(v) : dash
  }

  /** Power: kW from 1000 W on. */
  power(w: Known): Quantity {
    if (!isKnown(w)) return { value: dash, unit: 'kW' }
    if (Math.abs(w) < 999.5) return { value: this.number(w, 0), unit: 'W' }
    return { value: this.number(w / 1000, Math.abs(w) < 9995 ? 2 : 1), unit: 'kW' }
  }

  energy(wh: Known): Quantity {
    return { value: this.number(scaled(wh, 0.001), 1), unit: 'kWh' }
  }

  /** A price per kWh, in hundredths of the currency where people say it so. */
  price(perKWh: Known): Quantity {
    const unit = this.priceUnit()
    return { value: this.number(scaled(perKWh, this.priceScale()), this.priceScale() === 1 ? 3 : 1), unit }
  }

  priceUnit(): string {
    return `${hundredths.get(this.currency) ?? this.symbol()}/kWh`
  }

  /** What a price per kWh is multiplied by to be in priceUnit. */
  priceScale(): number {
    return hundredths.has(this.currency) ? 100 : 1
  }

  carbon(g: Known): Quantity {
    return { value: this.number(g, 0), unit: 'g/kWh' }
  }

  /** Emissions: kg, with two digits below 10 kg. */
  emitted(g: Known): Quantity {
    return { value: this.number(scaled(g, 0.001), isKnown(g) && Math.abs(g) >= 9995 ? 1 : 2), unit: 'kg' }
  }

  money(v: Known): string {
    if (!isKnown(v)) return dash
    try {
      return this.format({ style: 'currency', currency: this.currency }).format(v)
    } catch {
      return `${this.number(v, 2)} ${this.currency}` // not a currency the browser could know
    }
  }

  percent(fraction: Known): string {
    return isKnown(fraction) ? this.format({ style: 'percent', maximumFractionDigits: 0 }).format(fraction) : dash
  }

  private symbol(): string {
    try {
      const parts = this.format({ style: 'currency', currency: this.currency }).formatToParts(0)
      return parts.find((p) => p.type === 'currency')?.value ?? this.currency
    } catch {
      return this.currency
    }
  }

  private format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options)
    let format = this.formats.get(key)
    if (!format) {
      // "negative" writes what rounds to zero without a minus.
      format = new Intl.NumberFormat(this.locale, { signDisplay: 'negative', ...options })
      this.formats.set(key, format)
    }
    return format
  }
}

export interface Quantity {
  value: string
  unit: string
}

export const text = (q: Quantity): string => `${q.value}\u00a0${q.unit}`

const scaled = (v: Known, by: number): Known => (isKnown(v) ? v * by : v)
