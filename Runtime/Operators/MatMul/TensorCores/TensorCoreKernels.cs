namespace Graph.Operators;

/// <summary>
/// The emitted tensor-core kernels of matrix products, each in a large and a small tile. Both factors are bfloat16 in memory, weights as copies of themselves
/// (<see cref="Execution.Bfloat16Copy"/>), activations as the device stores them, and are copied asynchronously in three stages. Results are bfloat16 or float32, as the
/// launch says: that costs a question a tile, while a kernel for each form would double their number. For float32 activations there are no kernels of their own, because shipped
/// models have none: between a product and a state or port lies a row kernel, and heads are too narrow. Along the token axis weights are the left factor and, where their rows are
/// no whole chunks, float32 that is rounded on its way through registers: Y = W X, X = Wᵀ Y, and dW, whose rows are as ragged. Forward products have epilogues on pairs of
/// columns (<see cref="GpuPairs"/>), and two kernels have whole rows of a product in one tile, which normalises them (<see cref="GpuNorm"/>): of up to 512 columns, with an eighth more memory
/// traffic for an operation than the large tile, and of up to 128. Backward products have that of SwiGLU (<see cref="GpuJoinBackward"/>), also along the token axis where rows of the weight are whole
/// chunks.
/// </summary>
[TensorCoreProduct("Forward", ProductLayout.NT, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("ForwardSmall", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("Gated", ProductLayout.NT, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.GatedPairs)]
[TensorCoreProduct("GatedSmall", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.GatedPairs)]
[TensorCoreProduct("Rotated", ProductLayout.NT, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.RotatedPairs)]
[TensorCoreProduct("RotatedSmall", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.RotatedPairs)]
[TensorCoreProduct("Normalized", ProductLayout.NT, SmallTile, WideTile, WideDepth, stages: 2, warpsM: 1, warpsN: 8, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.NormalizedRows)]
[TensorCoreProduct("NormalizedNarrow", ProductLayout.NT, SmallTile, NarrowTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.NormalizedRows)]
[TensorCoreProduct("Backward", ProductLayout.NN, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("BackwardSmall", ProductLayout.NN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("GatedBackward", ProductLayout.NN, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.GatedBackward)]
[TensorCoreProduct("GatedBackwardSmall", ProductLayout.NN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.GatedBackward)]
[TensorCoreProduct("GatedColumnsBackward", ProductLayout.TN, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.GatedBackward)]
[TensorCoreProduct("GatedColumnsBackwardSmall", ProductLayout.TN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.GatedBackward)]
[TensorCoreProduct("Gradient", ProductLayout.TN, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("GradientSmall", ProductLayout.TN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("Columns", ProductLayout.NN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.RaggedFloat32, OperandForm.Bfloat16)]
[TensorCoreProduct("ColumnsBackward", ProductLayout.TN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.RaggedFloat32, OperandForm.Bfloat16)]
[TensorCoreProduct("ColumnsGradient", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.RaggedAdd, sumsSamples: true)]
internal static partial class TensorCoreKernels
{
    public const int LargeTile = 128;

    public const int LargeThreads = 256;

    public const int SmallTile = 64;

    public const int SmallThreads = 128;

    /// <summary>Columns of tiles that have whole rows; they have <see cref="SmallTile"/> rows and the threads of the large and of the small tile.</summary>
    public const int WideTile = 512, NarrowTile = 128;

    /// <summary>Summed indices of a step.</summary>
    public const int Depth = 32;

    /// <summary>The same of the wide tile, so that two stages fit in shared memory.</summary>
    public const int WideDepth = 16;
}
