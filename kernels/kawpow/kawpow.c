/* SPDX-License-Identifier: MIT */
/* KawPow, Ravencoin's proof of work. An input is the header hash as it is displayed, then the
 * nonce; the height of the key gives the epoch of the dataset and the period of the program. */
#include "kernels/kawpow/kawpow.h"

#include "algo/cpu.h"
#include "algo/dataset.h"

static int ctx_new(struct dataset *dataset, struct algo_ctx **ret, struct fault *why)
{
    if (!dataset)
        return fault_set(why, ERR_KEY, "KawPow hashes only with a dataset");
    *ret = kawpow_ctx_over(kawpow_data_of(dataset_memory(dataset)),
                           dataset_state(dataset) == DATASET_FULL);
    return 0;
}

static const char *const aliases[] = {"kaw", "ravencoin", "rvn", NULL};

static const struct algo_impl impls[] = {
#if defined(__x86_64__)
    {"avx512-jit", CPU_AVX512, 0, kawpow_scan_avx512_jit},
    {"avx512", CPU_AVX512, 0, kawpow_scan_avx512},
    {"avx2", CPU_AVX2, 0, kawpow_scan_avx2},
#endif
    {"scalar", 0, 0, kawpow_scan_scalar},
    {0},
};

/* By falling epoch, so that each cache is made once; implementations are tried on the last. */
static const struct algo_vector vectors[] = {
    {.source = "generated, height 4500000",
     .input_hex = "371343993a8a175a602c6beaf8032a1f3e87a22cb3f0e087d10a29aa38f9a3b0"
                  "c5323e618cdee822",
     .hash_hex = "78fb7a2ed3b622f4070306a1067d7662e913e99a8cab965b0c81626824cc7551",
     .mix_hex = "c905a9a653cdce9250ca1175b2da0d96314f6edc23a02027f5f9bff492a51fea",
     .height = 4500000,
     .slow = true},
    {.source = "generated, height 4500002",
     .input_hex = "f455c74888c5db2fe3fdcb7dd2aef5f603ae14c07ba5cd8fe9c29d1e3d808b37"
                  "48b25a27c9251152",
     .hash_hex = "ee39b2c4fd45b7285e3fa9371b790367119b1a91ca20fa6b9e738a6e79d6bc7a",
     .mix_hex = "6076fd38a6ef33a99a56cc4646cfcbe7be27417a05ce1e983275a3554b5ca27b",
     .height = 4500002,
     .slow = true},
    {.source = "generated, height 4500003",
     .input_hex = "c7ebfb4fe4473932a1e1f245662a31cdf60bf60d3ecc8c0d752e04c5769a8731"
                  "3099b23b957e205d",
     .hash_hex = "72aa9f648127bd77559464803e2c387ab986dc15ee5cf0a9ba9a6732ef2c3c98",
     .mix_hex = "d9543c0acfafc05d8e02010f6b9f6a721a21b82a7e18d509f9287ea76a84e419",
     .height = 4500003,
     .slow = true},
    {.source = "generated, height 4499999",
     .input_hex = "efa5c3f8396a9deb21419f1d143423c5fa5d6d6172a6586477acd0991d0b97e7"
                  "06199ee986409771",
     .hash_hex = "13f1decd64fd5f9e877b2bbdd331a8f0da1573221eb5da70f57bef78257c3e76",
     .mix_hex = "d75016124295aa372014beaa341c069644afe0bf33b9d678aa756690dc73a2a8",
     .height = 4499999,
     .slow = true},
    {.source = "RVN block 4487775",
     .input_hex = "3894aa57a71e965181274e5af2c0caf213459d49939b162dff84ffde36cb0bc0"
                  "3313e49268e2b7b9",
     .hash_hex = "000000000002d64509e06e76ddbbe418c725291687ec62b41ecfc40386a091fd",
     .mix_hex = "625d126d76bb8c3e10482dc240bc68a1628c9a472ce7456460c31311d07e183f",
     .height = 4487775,
     .slow = true},
    {.source = "pool share, height 2543241",
     .input_hex = "0565cd49085a5b50b783aa1ba12b7fc73fffd6dc5345de1fb5389b0977e4caa2"
                  "1398c6290000b1c9",
     .hash_hex = "3755265d35ae6bd9b205850a6b9166a67cd7880bd49bc5ba832d21c583ff90d4",
     .mix_hex = "7e8b16f02604df24780ddcc56297fa66c062c2db26a8d54e102ef8c53111e15b",
     .height = 2543241,
     .slow = true},
    {.source = "Ravencoin test, height 170915",
     .input_hex = "5b3e8dfa1aafd3924a51f33e2d672d8dae32fa528d8b1d378d6e4db0ec5d665d"
                  "2757974400000000",
     .hash_hex = "e7e6bb3b2f9acd3864bc86f72f87237eaf475633ef650c726ac80eb0adf116b6",
     .mix_hex = "efb29147484c434f1cc59629da90fd0343e3b047407ecd36e9ad973bd51bbac5",
     .height = 170915,
     .slow = true},
    {.source = "Ravencoin test, height 59950",
     .input_hex = "49e15ba4bf501ce8fe8876101c808e24c69a859be15de554bf85dbc095491bd6"
                  "dab1d73b50e0eb02",
     .hash_hex = "b8984cf4021c4433f753654848d721f33a0792b4417241f0cf7c7c2db011a54a",
     .mix_hex = "df3dbb1669fd35dbb0ae96bbea2d498f0c6992cbddd092aeace42dd933505f95",
     .height = 59950,
     .slow = true},
    {.source = "Ravencoin test, height 30000",
     .input_hex = "ffeeddccbbaa9988776655443322110000112233445566778899aabbccddeeff"
                  "f0debc9a78563412",
     .hash_hex = "c824bee0418e3cfb7fae56e0d5b3b8b14ba895777feea81c70c0ba947146da69",
     .mix_hex = "177b565752a375501e11b6d9d3679c2df6197b2cab3a1ba2d6b10b8c71a3d459",
     .height = 30000,
     .slow = true},
    {.source = "Ravencoin test, height 30049",
     .input_hex = "8b6ce5da0b06d18db7bd8492d9e5717f8b53e7e098d9fef7886d58a6e913ef64"
                  "e7a28c5a212e5e00",
     .hash_hex = "c262d8055e288d04b951a844bfca8ba529f5b4d652b408e3942727d7dd90957a",
     .mix_hex = "975c6a9decc89cba7ace69338d4de8510d9619aef42b1d35d0bef7e0ce0614a9",
     .height = 30049,
     .slow = true},
    {.source = "Ravencoin test, height 29950",
     .input_hex = "ac7b55e801511b77e11d52e9599206101550144525b5679f2dab19386f23dcce"
                  "2aa623bc9d405d00",
     .hash_hex = "022019e5408683f7f8326b4e46b42864a3a069f17b6151e434fcaedecaadd918",
     .mix_hex = "5359807b77a74878269c3a3044df8618a576ce8dc52e1c48d927d4a60e7c6b79",
     .height = 29950,
     .slow = true},
    {.source = "generated, height 7500",
     .input_hex = "7ad1920777cec240ddb2e6e5199b49c74c1906ea3cca2033d0c89b87a75e345d"
                  "949d5206137a5547",
     .hash_hex = "6dcddeaac2bf4b6292256ef0cf1d5c610f44939811acd97fbd384cc92a716b41",
     .mix_hex = "09b661bc9f4848272459017f3e0eb0b8f5b67c425d1ae610d94390d2b8cf94c2",
     .height = 7500,
     .slow = true},
    {.source = "Ravencoin test, height 0",
     .input_hex = "0000000000000000000000000000000000000000000000000000000000000000"
                  "0000000000000000",
     .hash_hex = "e601a7257a70dc48fccc97a7330d704d776047623b92883d77111fb36870f3d1",
     .mix_hex = "6e97b47b134fda0c7888802988e1a373affeb28bcd813b6e9a0fc669c935d03a",
     .height = 0,
     .slow = true},
    {.source = "generated, height 1",
     .input_hex = "a68f317c3f585e8896e9e2f389d14f3007d47810be17574b9a5828021c0c84f9"
                  "e240c9a2a947c6f4",
     .hash_hex = "ae7c08fe9e020e9f07a7889f8a8c6fcdad9fc47bdfca1be15e2da6ea67ebaa48",
     .mix_hex = "1486fe2b4162772d9f69fcc559dce38043bd674a57e83e92931d0d4673bd2d59",
     .height = 1,
     .slow = true},
    {.source = "generated, height 2",
     .input_hex = "9cac0931b46108941b195dfefdb229370149f30e0f97d3ba6ab2cc06f935110f"
                  "cc2b093a9691890b",
     .hash_hex = "b17613a231e52c9f397f9e0e9559cb28d8e475c6f94d84e00cdc647caaec1873",
     .mix_hex = "6762f303a4f6909e0daca2b030b3de459ea383aba19091529b69003f3c338e9d",
     .height = 2,
     .slow = true},
    {.source = "generated, height 3",
     .input_hex = "6cd217ad6ee660b901270ca03d16e746773f12868b1ec7de735695c6545a404a"
                  "8903f9d77febeb6c",
     .hash_hex = "f218416441a5a445fd7fd7a20103cde9b92fc9861e68f547c5dac05fea12c0f8",
     .mix_hex = "4a640ae9166a88ff739c3579abc92ca77c590b9a75aff75a0c313f9cf7094a96",
     .height = 3,
     .slow = true},
    {.source = "Ravencoin test, height 49",
     .input_hex = "63155f732f2bf556967f906155b510c917e48e99685ead76ea83f4eca03ab12b"
                  "073c070700000000",
     .hash_hex = "e7ced124598fd2500a55ad9f9f48e3569327fe50493c77a4ac9799b96efb9463",
     .mix_hex = "d36f7e815ee09e74eceb9c96993a3d681edf2bf0921fc7bb710364042db99777",
     .height = 49,
     .slow = true},
    {.source = "Ravencoin test, height 50",
     .input_hex = "9e7248f20914913a73d80a70174c331b1d34f260535ac3631d770e656b5dd922"
                  "2e486e0700000000",
     .hash_hex = "ab0ad7ef8d8ee317dd12d10310aceed7321d34fb263791c2de5776a6658d177e",
     .mix_hex = "d6dc634ae837e2785b347648ea515e25e5d8821ae0b95e1c2a9c2d497e0dcfbd",
     .height = 50,
     .slow = true},
    {.source = "Ravencoin test, height 99",
     .input_hex = "de37e1824c86d35d154cf65a88de6d9286aec4f7f10c3fc9f0fa1bcc2687188d"
                  "abaf173900000000",
     .hash_hex = "aa85340690f2e907054324a5021937910e15edfd1ef1577231843e7d32ec3a61",
     .mix_hex = "fa706860e5e0e830d5d1d7157e5bea7f5f8a350c7c8612ac1d1fcf2974d64244",
     .height = 99,
     .slow = true},
    {.source = "generated, height 7499",
     .input_hex = "0d3cb7e6e629f006e635fe64942d6af5f9932a02f9ab2b7bc21f1de9d6dd22a5"
                  "d9f55b7a210b1e8d",
     .hash_hex = "989e442b730682754becf90531af3f13c7314f4111cdacd0a6cb6bc1720d521b",
     .mix_hex = "351d9acf31d170ff2d4b425375da446c7e799a3ca08f168d33dd66de1e3a5905",
     .height = 7499,
     .slow = true},
    {0},
};

const struct algo algo_kawpow = {
    .name = "kawpow",
    .title = "KawPow",
    .aliases = aliases,
    .input_len = KAWPOW_INPUT,
    .nonce_at = KAWPOW_NONCE_AT,
    .nonce_len = 8,
    .trial_nonces = KAWPOW_LIGHT_FLIGHT + 3,
    .batch = KAWPOW_LIGHT_FLIGHT,
    .hash_is_be = true,
    .diff1 = {{0, 0, 0, UINT64_C(0xff000000)}}, /* 0xff * 2^216, as KawPow pools reckon */
    .hash = kawpow_hash,
    .quick = kawpow_final_of_mix,
    .impls = impls,
    .dataset = &kawpow_dataset,
    .ctx_new = ctx_new,
    .ctx_free = kawpow_ctx_free,
    .vectors = vectors,
    .selftest = kawpow_selftest,
};
