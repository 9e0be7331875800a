import { openStream } from "./stream.ts"

/** Told of a press by its action word. */
export type Pressed = (action: string) => void

/** Told of an alert that was raised: its condition, and what it is about (`device:panic-1`). */
export type Raised = (condition: string, key: string) => void

interface AlertEntry {
  readonly change: { readonly transition: string; readonly alert: { readonly condition: string; readonly key: string } }
}

/** An officer's stream, and whom it tells. */
export interface EntryStream {
  readonly onPress: (pressed: Pressed) => void
  readonly onAlert: (raised: Raised) => void
  readonly close: () => void
}

const press = '"_tag":"ButtonPressed","action":"'
const fact = '{"_tag":"Fact"'
const alert = '{"_tag":"Alert"'

/**
 * Opens `/api/v1/stream`. An entry is looked into only as far as it concerns anybody: the reader must not be what is
 * measured.
 */
export const openEntryStream = async (port: number, token: string): Promise<EntryStream> => {
  let pressed: Pressed = () => {}
  let raised: Raised = () => {}
  const hear = (data: string): void => {
    if (data.startsWith(fact)) {
      const at = data.indexOf(press)
      if (at >= 0) pressed(data.slice(at + press.length, data.indexOf('"', at + press.length)))
    } else if (data.startsWith(alert)) {
      const { change } = JSON.parse(data) as AlertEntry
      if (change.transition === "raised") raised(change.alert.condition, change.alert.key)
    }
  }
  const { close } = await openStream({ port, token }, hear)
  return {
    onPress: (next) => void (pressed = next),
    onAlert: (next) => void (raised = next),
    close
  }
}
