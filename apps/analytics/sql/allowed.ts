/** What a statement may be made of: everything else is refused, so that what a newer parser adds is refused too. */

export const NODE_TYPES: ReadonlySet<string> = new Set(['SELECT_NODE', 'SET_OPERATION_NODE']);

export const TABLE_TYPES: ReadonlySet<string> = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST']);

export const MODIFIER_TYPES: ReadonlySet<string> = new Set(['ORDER_MODIFIER', 'LIMIT_MODIFIER', 'DISTINCT_MODIFIER']);

export const EXPRESSION_CLASSES: ReadonlySet<string> = new Set([
  'CONSTANT',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CASE',
  'CAST',
  'BETWEEN',
  'OPERATOR',
  'FUNCTION',
  'WINDOW',
  'SUBQUERY',
  'STAR',
  'PARAMETER',
]);

/** Types that a value may be cast to or written as. */
export const VALUE_TYPES: ReadonlySet<string> = new Set([
  'NULL',
  'SQLNULL',
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
  'VARCHAR',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE',
  'TIMESTAMP_S',
  'TIMESTAMP_MS',
  'TIMESTAMP_NS',
  'INTERVAL',
  'INTERVAL_LITERAL',
  'STRING_LITERAL',
  'INTEGER_LITERAL',
]);

/** Text that two of these make of a few letters in a few steps fills any memory, so that their number is bounded. */
export const GROWING: ReadonlySet<string> = new Set(['||', 'concat', 'concat_ws']);

/**
 * Functions that compute a value of bounded size from their arguments, touch nothing outside and know nothing of the
 * server. Left out on purpose: what repeats, pads, replaces or collects without bound (`repeat`, `lpad`, `replace`,
 * `format`, `printf`, `list`, `string_agg`), what makes rows (`range`, `unnest`), and what reads files, settings or tables.
 */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  `
  + - * / // % ** ^ & | ~ << >> || ->> -> ~~ !~~ ~~* !~~* ~~~ @
  abs sign ceil ceiling floor round trunc even sqrt cbrt exp ln log log2 log10 pow power mod fmod
  sin cos tan asin acos atan atan2 sinh cosh tanh degrees radians pi gcd lcm greatest least
  add subtract multiply divide isnan isinf isfinite bit_count xor hash
  lower upper lcase ucase trim ltrim rtrim length strlen char_length character_length substr substring left right reverse
  contains starts_with ends_with prefix suffix strpos instr position ascii unicode chr concat concat_ws
  like_escape not_like_escape ilike_escape not_ilike_escape regexp_matches regexp_full_match regexp_extract
  levenshtein editdist3 jaccard jaro_similarity jaro_winkler_similarity damerau_levenshtein hamming mismatches
  md5 sha1 sha256 nfc_normalize strip_accents translate split_part
  date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub date_add time_bucket last_day make_date
  make_time make_timestamp epoch epoch_ms epoch_us epoch_ns century decade millennium year quarter month week weekofyear
  yearweek isoyear isodow dayofyear dayofmonth dayofweek weekday day hour minute second millisecond microsecond dayname
  monthname age strftime strptime try_strptime timezone now get_current_timestamp current_date today to_timestamp
  to_years to_quarters to_months to_weeks to_days to_hours to_minutes to_seconds to_milliseconds to_microseconds
  coalesce ifnull nullif if
  json_extract json_extract_string json_extract_path json_extract_path_text json_type json_valid json_exists
  json_array_length json_value json_contains
  count count_star sum fsum kahan_sum sumkahan avg mean favg min max median mode product any_value first last arg_max arg_min
  max_by min_by argmax argmin bool_and bool_or bit_and bit_or bit_xor stddev stddev_samp stddev_pop variance var_samp var_pop
  corr covar_pop covar_samp regr_slope regr_intercept regr_count regr_r2 skewness kurtosis entropy mad sem
  quantile quantile_cont quantile_disc approx_quantile approx_count_distinct count_if countif grouping grouping_id
  row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead first_value last_value nth_value
  `
    .split(/\s+/)
    .filter((name) => name !== ''),
);
