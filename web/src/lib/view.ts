// The data as package api of the agent writes it; /api/v1/openapi.json describes it. Lists may be null.

export interface Home {
  revision: number
  now: string
  zone: string
  name: string
  note?: string
  currency: string
  grid_w: number | null
  solar_w: number | null
  import_price_per_kwh: number | null
  carbon_g_per_kwh: number | null
  today: Totals
  plan: PlanInfo
  devices: Device[] | null
  operator: Order[] | null
  health: Health[] | null
}

export interface Totals {
  imported_wh: number | null
  exported_wh: number | null
  cost: number | null
  carbon_g: number | null
}

export interface PlanInfo {
  made: string | null
  status: string
  objective: number | null
  gap: number | null
}

export interface Device {
  name: string
  title: string
  kind: string
  state: string
  power_w: number | null
  soc: number | null
  next_run?: Span | null
  why: string
  seen: string | null
  max_age_s: number
}

/** What a grid operator asks. */
export interface Order {
  from: string
  to: string | null
  kind: string
  device?: string
  title: string
  text: string
  source: string
  event: string
  effect: string
}

export interface Span {
  start: string
  end: string
}

export interface Health {
  part: string
  ok: boolean
  text: string
  since: string | null
}

export interface Timeline {
  revision: number
  span: Span
  currency: string
  prices: Price[] | null
  plan: Curve[] | null
  actual: Curve[] | null
}

export interface Price extends Span {
  import_price_per_kwh: number | null
  export_price_per_kwh: number | null
  carbon_g_per_kwh: number | null
}

export interface Curve {
  name: string
  start: string
  step_s: number
  power_w: (number | null)[] | null
}
