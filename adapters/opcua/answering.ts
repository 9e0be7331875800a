import type { Acknowledging } from "../../gateway/domain/panel-condition.ts"

/** What of officers' acts goes back to a device's conditions. */
export interface Answering {
  readonly acknowledge: Acknowledging
  readonly comments: boolean
  readonly shelving: boolean
}
