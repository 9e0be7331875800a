const ofThisMachine = /^(127(\.\d{1,3}){3}|\[?::1\]?|localhost)$/i

/** Whether a host, as it is written in an address, is this machine itself: nobody is in between. */
export const isLoopback = (host: string): boolean => ofThisMachine.test(host)
