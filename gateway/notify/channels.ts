import type { Channel } from "./channel.ts"

/** The catalogue: a new channel is its own file or folder, and one line here. */
export const channels: Readonly<Record<string, Channel<unknown>>> = {}
