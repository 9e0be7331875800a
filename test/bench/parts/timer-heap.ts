/** A binary heap of what falls due (Williams, 1964), changed in place. */
export class TimerHeap<T extends { readonly at: number }> {
  readonly #timers: Array<T> = []

  get least(): T | undefined {
    return this.#timers[0]
  }

  push(timer: T): void {
    const timers = this.#timers
    let place = timers.push(timer) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (timers[above]!.at <= timer.at) break
      timers[place] = timers[above]!
      place = above
    }
    timers[place] = timer
  }

  pop(): void {
    const timers = this.#timers
    const last = timers.pop()
    if (last === undefined || timers.length === 0) return
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= timers.length) break
      if (below + 1 < timers.length && timers[below + 1]!.at < timers[below]!.at) below++
      if (timers[below]!.at >= last.at) break
      timers[place] = timers[below]!
      place = below
    }
    timers[place] = last
  }
}
