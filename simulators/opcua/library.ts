import { Effect } from "effect"

export type Library = typeof import("node-opcua")

let loaded: Promise<Library> | undefined

const load = async (): Promise<Library> => {
  const library = await import("node-opcua")
  // What it writes to the console is of no use to whoever watches a simulation.
  const silent = (): void => {}
  library.setWarningLogger(silent)
  library.setErrorLogger(silent)
  library.setDebugLogger(silent)
  return library
}

/** The library, once: importing it takes most of a second, which only simulations with such a device are to pay. */
export const loadLibrary: Effect.Effect<Library> = Effect.promise(() => (loaded ??= load()))
