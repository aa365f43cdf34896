namespace Graph;

/// <summary>How the factors of C[m, n] lie in memory; an N is a factor as the product reads it, a T its transpose.</summary>
public enum ProductLayout
{
    /// <summary>A[m, k] · B[n, k]ᵀ: y = x Wᵀ.</summary>
    NT,

    /// <summary>A[m, k] · B[k, n]: dx = dy W.</summary>
    NN,

    /// <summary>A[k, m]ᵀ · B[k, n]: dW += dyᵀ x.</summary>
    TN,
}

/// <summary>What a factor's elements are in memory. Tensor cores get bfloat16 of either.</summary>
public enum OperandForm
{
    /// <summary>Float32: loaded through registers and rounded there, to nearest even.</summary>
    Float32,

    /// <summary>The same at any place and in lines of any length: loaded one by one, neighbours by neighbouring threads. For small factors, which stay in the cache.</summary>
    RaggedFloat32,

    /// <summary>Two bfloat16 in 32 bits: copied to shared memory without passing registers.</summary>
    Bfloat16,
}

/// <summary>What becomes of the sums.</summary>
public enum ProductEpilogue
{
    /// <summary>C = A · B.</summary>
    Store,

    /// <summary>C = A · B + D where the launch says so: D is C itself (accumulation) or another matrix (a residual connection).</summary>
    Add,

    /// <summary>The same in float32 where C and D lie at any place in rows of any length: one element at a time.</summary>
    RaggedAdd,

    /// <summary>Column i goes with column i + half of C, n = 2 · half: Y = silu(C[i]) · C[i + half]; C too where the launch says so.</summary>
    GatedPairs,

    /// <summary>
    /// The same in each group of 2 · half columns: Y is the pair turned by the angle of its row and of i, or the pair itself behind the last
    /// turned column; C too where the launch says so.
    /// </summary>
    RotatedPairs,

    /// <summary>
    /// The sums are dY of Y = silu(a) · b, where a and b are the halves of X; stored are Y and both halves' gradients, all of them bfloat16. C is not stored.
    /// </summary>
    GatedBackward,

    /// <summary>Y = (A · B + D) r with r = 1 / sqrt(mean of the row's squares + eps), and r too where the launch says so. One tile has whole rows: n is at most tileN. C is not stored.</summary>
    NormalizedRows,
}

/// <summary>
/// Declares a matrix product on CUDA's tensor cores; the generator emits it as a method of the class, with the signature of
/// <see cref="Execution.GpuKernel"/>, unrolled for these sizes. Its text is <c>mma.sync m16n8k16</c> on bfloat16 with float32 sums
/// (PTX ISA 8.0: warp-level matrix instructions, asynchronous copies), for compute capability 8.0 and later. Sizes that do not go together are an <c>#error</c>
/// in the emitted file.
/// </summary>
/// <remarks>
/// Arguments of a launch: R0 R1 places of A and B, in elements of their forms; R2 place of C; R3 R4 R5 their distances from one batch to the
/// next; R8 steps of <c>tileK</c> in the sum; R9 steps from one batch's first to the next one's; R10 steps of a batch; R11 R12 place of D and
/// its distance; I0 I1 I2 m, n, k; I3 I4 I5 strides of A, B, C; I6 not 0: add D; I7 I8 tiles across and down; I9 stride of D.
/// J0 not 0: C and D are bfloat16, otherwise float32; places and strides count elements.
/// Of pairs: R13 Y; J1 not 0: Y is bfloat16; R14 rows of half cosines and half sines; I11 half, a multiple of 8; I12 stride of Y; I13 not 0: store C; I14 rows of the
/// table, which repeats; I15 turned columns; F0 factor of the sines.
/// Of a gate's backward: R13 R14 R15 places of Y, X and X's gradient; I11 I12 I13 their strides; I14 I15 elements from a to b and from da to db; J5 J6 J7 the
/// distances of Y, X and the gradient from one batch to the next.
/// Of normalised rows: R11, I9 and J0 the place, stride and form of D; R13, I12 and J1 of Y, which may be D; R14 not negative: r[m] in float32; F0 eps.
/// Of sums over samples: R6 R7 distances of A's and B's samples; I2 k of one sample; R8 steps of all; I10 steps of one.
/// Rows of factors start at multiples of 16 bytes and have multiples of 8 elements; places, strides and rows of C, D and Y are even. What is ragged may be odd.
/// </remarks>
/// <param name="kernel">Name of the method.</param>
/// <param name="layout">Of the factors.</param>
/// <param name="tileM">Rows of C of a group of threads.</param>
/// <param name="tileN">Columns of C of a group.</param>
/// <param name="tileK">Summed indices of a step: 16, 32 or 64.</param>
/// <param name="stages">Steps that lie in shared memory: one is multiplied, the others are under way.</param>
/// <param name="warpsM">Warps down the tile, each of 32 threads.</param>
/// <param name="warpsN">Warps across the tile.</param>
/// <param name="left">Form of A.</param>
/// <param name="right">Form of B.</param>
/// <param name="epilogue">What becomes of the sums.</param>
/// <param name="sumsSamples">The sum goes on over samples, each with its own A and B.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class TensorCoreProductAttribute(
    string kernel,
    ProductLayout layout,
    int tileM,
    int tileN,
    int tileK,
    int stages,
    int warpsM,
    int warpsN,
    OperandForm left = OperandForm.Float32,
    OperandForm right = OperandForm.Float32,
    ProductEpilogue epilogue = ProductEpilogue.Add,
    bool sumsSamples = false) : Attribute
{
    public string Kernel => kernel;

    public ProductLayout Layout => layout;

    public int TileM => tileM;

    public int TileN => tileN;

    public int TileK => tileK;

    public int Stages => stages;

    public int WarpsM => warpsM;

    public int WarpsN => warpsN;

    public OperandForm Left => left;

    public OperandForm Right => right;

    public ProductEpilogue Epilogue => epilogue;

    public bool SumsSamples => sumsSamples;
}

/// <summary>Which part of attention a kernel is.</summary>
public enum AttentionPart
{
    /// <summary>Outputs and the logarithms of rows' sums.</summary>
    Forward,

    /// <summary>dq; a group owns queries and meets keys.</summary>
    QueryGradient,

    /// <summary>dk and dv; a group owns keys and meets queries.</summary>
    KeyGradient,
}

/// <summary>
/// Declares a part of softmax attention on CUDA's tensor cores for one width of heads; the generator emits it as a method of the class. Groups of 128
/// threads own 64 queries (or keys) of one head and meet all keys (queries) in blocks of 64 (the online softmax and the backward of FlashAttention-2,
/// arXiv 2307.08691): scores and probabilities never leave registers, and a group alone writes the gradients of what it owns. Operands and results are
/// bfloat16 in memory (<see cref="Execution.Bfloat16Place"/>): tiles are copied to shared memory, the next block's while one is multiplied. There is
/// no form for float32 in memory: wherever tensor cores are allowed, what is around attention takes bfloat16 too.
/// </summary>
/// <remarks>
/// Arguments of a launch: R0 x[b, t, 3c] as q | k | v, each head-major; R1 y[b, t, c]; R2 lse[b, heads, t], natural logarithms; of gradients
/// also R3 dy, R4 dx, R5 δ[b, heads, t] = Σ y∘dy of rows; I0 I1 I2 t, c, heads; I4 blocks of 64 queries or keys; F0 scale of the scores.
/// Groups: b · heads · I4. x, y, dy and dx are marked places at multiples of 8 elements; lse and δ are float32.
/// </remarks>
/// <param name="kernel">Name of the method.</param>
/// <param name="headWidth">c / heads: 32 or 64.</param>
/// <param name="part">What it computes.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class TensorCoreAttentionAttribute(string kernel, int headWidth, AttentionPart part = AttentionPart.Forward) : Attribute
{
    public string Kernel => kernel;

    public int HeadWidth => headWidth;

    public AttentionPart Part => part;
}
