import type { Subject } from "./subject.ts"

/** Completes when so many presses have reached their goal from now on. */
export const arrivals = (subject: Subject, count: number, each: () => void = () => {}): Promise<void> =>
  new Promise((resolve) => {
    let left = count
    subject.onPress(() => {
      each()
      if (--left === 0) resolve()
    })
  })
