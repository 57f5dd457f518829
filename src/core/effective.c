/* SPDX-License-Identifier: MIT */
/* Acknowledged work in minutes, and the confidence band of what follows from it. */
#include "core/effective.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

enum { EXACT_BELOW = 100, STEPS = 60, TERMS = 600 };

static const double TAIL = 0.025, QUANTILE = 1.959963984540054; /* of the normal distribution */

/* --- the band -------------------------------------------------------------------------------- */

/* Regularised lower incomplete gamma function P(a, x), by its series: a, x > 0, a up to some 100.
 */
static double lower_gamma(double a, double x)
{
    double term = 1 / a, sum = term;

    for (unsigned i = 1; i < TERMS && term > sum * 1e-15; i++) {
        term *= x / (a + i);
        sum += term;
    }
    double p = sum * exp(a * log(x) - x - lgamma(a));
    return p > 1 ? 1 : p;
}

/* The x with P(a, x) = p. */
static double gamma_quantile(double a, double p)
{
    double low = 0, high = a + 12 * sqrt(a) + 12;

    for (unsigned i = 0; i < STEPS; i++) {
        double middle = (low + high) / 2;
        if (lower_gamma(a, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* The same for large a: Wilson and Hilferty's cube of a normal variable. */
static double gamma_quantile_large(double a, double z)
{
    double c = 1 - 1 / (9 * a) + z / (3 * sqrt(a));

    return a * c * c * c;
}

void poisson_band(double n, double *low, double *high)
{
    if (n < EXACT_BELOW) {
        *low = n > 0 ? gamma_quantile(n, TAIL) : 0;
        *high = gamma_quantile(n + 1, 1 - TAIL);
    } else {
        *low = gamma_quantile_large(n, -QUANTILE);
        *high = gamma_quantile_large(n + 1, QUANTILE);
    }
}

/* --- the window ------------------------------------------------------------------------------ */

void effective_reset(struct effective *e, int64_t now_us)
{
    *e = (struct effective){.start_us = now_us, .bucket_us = now_us};
}

static void move_on(struct effective *e, int64_t now)
{
    int64_t step = EFFECTIVE_BUCKET_S * SECOND_US, behind = (now - e->bucket_us) / step;

    if (behind <= 0)
        return;
    e->bucket_us += behind * step;
    for (int64_t i = 0; i < behind && i < EFFECTIVE_BUCKETS; i++) {
        e->at = (e->at + 1) % EFFECTIVE_BUCKETS;
        memset(&e->bucket[e->at], 0, sizeof e->bucket[e->at]);
    }
}

void effective_add(struct effective *e, double hashes, int64_t now_us)
{
    move_on(e, now_us);
    e->bucket[e->at].hashes += hashes;
    e->bucket[e->at].squares += hashes * hashes;
    e->bucket[e->at].shares++;
}

static double covered_s(const struct effective *e, int64_t now)
{
    int64_t begin = e->bucket_us - (EFFECTIVE_BUCKETS - 1) * EFFECTIVE_BUCKET_S * SECOND_US;

    if (begin < e->start_us)
        begin = e->start_us;
    return now > begin ? (double)(now - begin) / SECOND_US : 0;
}

struct effective_rate effective_rate(struct effective *e, int64_t now_us)
{
    struct effective_rate r = {.rate = NAN, .low = NAN, .high = NAN};
    double hashes = 0, squares = 0, low, high;

    move_on(e, now_us);
    r.seconds = covered_s(e, now_us);
    for (unsigned i = 0; i < EFFECTIVE_BUCKETS; i++) {
        hashes += e->bucket[i].hashes;
        squares += e->bucket[i].squares;
        r.shares += e->bucket[i].shares;
    }
    if (!r.shares || r.seconds < 1 || !(squares > 0) || !isfinite(squares))
        return r;
    double n = hashes * hashes / squares; /* as many equal shares would say as much */
    poisson_band(n, &low, &high);
    r.rate = hashes / r.seconds;
    r.low = r.rate * low / n;
    r.high = r.rate * high / n;
    return r;
}
