/** Why a panel denies, in its own words. */
export type Denial =
  | "unknown card"
  | "card disabled"
  | "card not yet valid"
  | "card expired"
  | "wrong PIN"
  | "outside schedule"
  | "no access here"
  | "passback"
  | "door blocked"

/** A card as a reader saw it. */
export interface Card {
  readonly number: string
  /** Whose it is, where the panel knows. */
  readonly holder?: string | undefined
}

/** Something momentary at a door, that the panel tells as an event. */
export type PanelEvent =
  | { readonly _tag: "AccessGranted"; readonly reader: string; readonly card: Card; readonly extended: boolean }
  | { readonly _tag: "AccessDenied"; readonly reader: string; readonly card: Card; readonly reason: Denial }
  | {
      readonly _tag: "AccessTaken" | "AccessNotTaken" | "Duress"
      readonly reader: string
      readonly card: Card
    }
  | { readonly _tag: "ExitRequested"; readonly door: string }
