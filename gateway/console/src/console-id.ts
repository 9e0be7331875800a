const key = "gatehouse.console"

/** This browser tab's own name in the log; a reload keeps it. */
export const consoleId: string = (() => {
  const known = sessionStorage.getItem(key)
  if (known !== null) return known
  const bytes = crypto.getRandomValues(new Uint8Array(6))
  const made = `c-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`
  sessionStorage.setItem(key, made)
  return made
})()
