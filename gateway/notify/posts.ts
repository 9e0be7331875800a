import { Effect } from "effect"
import type { Campus } from "../domain/campus.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Channel, DeviceEnded } from "./channel.ts"
import { attemptMs as usualAttemptMs, Post } from "./post.ts"

/** What of the configuration the notifier goes by. */
export interface NotifierSettings {
  readonly campus: Campus
  readonly channels: ReadonlyArray<{ readonly id: string; readonly kind: string; readonly settings: unknown }>
  /** Telephone numbers and mail addresses of people, by their id and then by channel. */
  readonly addresses: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly notify: { readonly console?: string }
  readonly dataDir: string
}

export interface NotifierOptions {
  readonly settings: NotifierSettings
  readonly catalogue: Readonly<Record<string, Channel<unknown>>>
  /** The gateway's clock, epoch milliseconds. */
  readonly now: () => EpochMs
  /** From 0 to 1. Left out: Math.random. */
  readonly chance?: () => number
  /** How long one attempt may take, milliseconds. */
  readonly attemptMs?: number
}

/** The open channels, by their ids. */
export const makePosts = (
  { catalogue, now, chance = Math.random, attemptMs = usualAttemptMs }: NotifierOptions,
  forgotten: (channel: string, ended: DeviceEnded) => Effect.Effect<void>
) => {
  const posts = new Map<string, Post>()
  return {
    get: (id: string): Post | undefined => posts.get(id),
    change: Effect.fn("Notifier.change")(function* ({ channels, campus, dataDir }: NotifierSettings) {
      const { site } = campus
      for (const [id, post] of posts) {
        const next = channels.find((one) => one.id === id)
        if (next !== undefined && JSON.stringify(next.settings) === JSON.stringify(post.settings)) continue
        posts.delete(id)
        yield* post.close
      }
      for (const { id, kind, settings } of channels) {
        const channel = catalogue[kind]
        if (channel === undefined || posts.has(id)) continue
        const deviceEnded = (ended: DeviceEnded) => forgotten(id, ended)
        const context = { channel: id, site: { id: site.id, name: site.name }, dataDir, now, deviceEnded }
        posts.set(id, yield* Post.open({ channel, settings, context, chance, attemptMs }))
      }
    }),
    closeAll: Effect.suspend(() => Effect.forEach(posts.values(), (post) => post.close, { discard: true }))
  }
}
