/** The two parts of `<device>/<point>`. */
export interface Ref {
  readonly device: string
  readonly point: string
}

export const refOf = (ref: string): Ref => {
  const slash = ref.indexOf("/")
  return { device: ref.slice(0, slash), point: ref.slice(slash + 1) }
}
