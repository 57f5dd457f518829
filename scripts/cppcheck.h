/* What cppcheck needs to know of uthash, whose header it does not read. */
#define HASH_ITER(hh, head, el, tmp) for ((el) = (head), (tmp) = 0; (el); (el) = (tmp))
