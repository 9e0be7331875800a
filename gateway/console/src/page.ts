import type { LucideIcon } from "lucide-react"
import type { ComponentType } from "react"
import type { SignedIn } from "./people-wire.ts"
import type { Right } from "../../api/rights.ts"
import type { PageId } from "./place.ts"
import type { SiteOrder } from "./site-orders.tsx"
import type { ConsoleState, ConsoleStore } from "./store.ts"
import type { Instant } from "./wire.ts"

/** What every page is given. */
export interface PageProps {
  readonly store: ConsoleStore
  readonly state: ConsoleState
  readonly officer: string
  readonly me: SignedIn
  /** Local time of the campus, 24 h. */
  readonly clock: (at: Instant) => string
  /** The gateway's clock, epoch ms, anew every second: for ages only. */
  readonly nowMs: number
  readonly phone: boolean
  /** It stands there as it was left, and another page is looked at: its `main` is to be hidden. */
  readonly hidden: boolean
  /** What of it the address names: `A-12` of `#desk/A-12`. */
  readonly of: string | undefined
  /** Asks an officer to arm or disarm an area, or for the threat level. */
  readonly onSiteOrder: (order: SiteOrder) => void
}

/** Pages by what an officer has in mind: what happens now, what was, and what the site is made of. */
export type PageGroup = "Now" | "Record" | "Site"

/** A page as the rail shows it. */
export interface PageLine {
  readonly id: PageId
  readonly name: string
  readonly group: PageGroup
  readonly icon: LucideIcon
  /** Only for who may do this: to others it would show nothing but refusals. */
  readonly needs?: Right
  readonly view: ComponentType<PageProps>
  /** Keeps what was written and scrolled while an officer is called to another page. */
  readonly stays?: true
}
