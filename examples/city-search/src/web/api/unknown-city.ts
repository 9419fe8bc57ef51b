import { HTTPException } from 'hono/http-exception'

export function unknownCity(id: number): HTTPException {
  return new HTTPException(404, { message: `There is no city ${id}` })
}
