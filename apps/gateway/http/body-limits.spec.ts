import { bodyLimitsOf, JSON_BODY_MAX_BYTES, PUBLIC_BODY_MAX_BYTES } from './body-limits';

const MOST = { wire: 10 * 2 ** 20, inflated: 32 * 2 ** 20 };

describe('the limits of bodies', () => {
  it('are small where JSON is read into fields, and smaller where anybody may call', () => {
    expect(bodyLimitsOf({}, false, MOST)).toEqual({ wire: JSON_BODY_MAX_BYTES, inflated: JSON_BODY_MAX_BYTES });
    expect(bodyLimitsOf({}, true, MOST)).toEqual({ wire: PUBLIC_BODY_MAX_BYTES, inflated: PUBLIC_BODY_MAX_BYTES });
    expect(bodyLimitsOf({ bodiless: true }, true, MOST).inflated).toBe(PUBLIC_BODY_MAX_BYTES);
  });

  it('are the configured ones for raw bodies, hooks among them, and never larger than those', () => {
    expect(bodyLimitsOf({ raw: ['json'] }, false, MOST)).toEqual(MOST);
    expect(bodyLimitsOf({ raw: ['json'] }, true, MOST)).toEqual(MOST);
    expect(bodyLimitsOf({}, false, { wire: 10, inflated: 20 })).toEqual({ wire: 10, inflated: 20 });
  });
});
