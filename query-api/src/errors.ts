import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What went wrong, for the caller to read: `code` never changes, `message` is a sentence that says what to do about it. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  /** Where asking again is worth it: after how long. Sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: ContentfulStatusCode, code: string, message: string, options?: ErrorOptions & { retryAfterSeconds?: number }) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** Wrong configuration: the one message that goes to stderr before the exit with status 2. */
export class ConfigError extends Error {}

/** A parameter that does not fit: 400 with its name in front. */
export function badParameter(name: string, message: string): ApiError {
  return new ApiError(400, 'invalid_parameter', `${name}: ${message}`);
}

/** The one shape of errors. */
export interface ErrorBody {
  error: { code: string; message: string };
}

/** Anything thrown, as an ApiError; what we did not foresee becomes an `internal` error that tells nothing of its inside. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(500, 'internal', 'Something went wrong here; the log says what.', { cause: error });
}
