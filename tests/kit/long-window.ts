/** For RATE_WINDOW_MS: a day, so that none of a limiter's windows ends while a test runs, wherever they begin. */
export const LONG_WINDOW = '86400000'
