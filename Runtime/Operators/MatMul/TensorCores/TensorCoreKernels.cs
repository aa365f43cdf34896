namespace Graph.Operators;

/// <summary>
/// The emitted tensor-core kernels of matrix products, each in a large and a small tile. Weights are bfloat16 copies of themselves
/// (<see cref="Execution.Bfloat16Copy"/>) and are copied asynchronously in three stages; activations and gradients are float32 and are rounded on
/// their way through registers, where two stages are enough: registers are the third. Along the token axis weights are the left factor and rounded
/// there too, because their rows have any number of tokens: Y = W X, X = Wᵀ Y, and dW, whose rows are as ragged. Forward products have epilogues on pairs of columns
/// (<see cref="GpuPairs"/>).
/// </summary>
[TensorCoreProduct("Forward", ProductLayout.NT, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, right: OperandForm.Bfloat16)]
[TensorCoreProduct("ForwardSmall", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, right: OperandForm.Bfloat16)]
[TensorCoreProduct("Gated", ProductLayout.NT, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, right: OperandForm.Bfloat16, epilogue: ProductEpilogue.GatedPairs)]
[TensorCoreProduct("GatedSmall", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, right: OperandForm.Bfloat16, epilogue: ProductEpilogue.GatedPairs)]
[TensorCoreProduct("Rotated", ProductLayout.NT, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, right: OperandForm.Bfloat16, epilogue: ProductEpilogue.RotatedPairs)]
[TensorCoreProduct("RotatedSmall", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, right: OperandForm.Bfloat16, epilogue: ProductEpilogue.RotatedPairs)]
[TensorCoreProduct("Backward", ProductLayout.NN, LargeTile, LargeTile, Depth, stages: 3, warpsM: 2, warpsN: 4, right: OperandForm.Bfloat16)]
[TensorCoreProduct("BackwardSmall", ProductLayout.NN, SmallTile, SmallTile, Depth, stages: 3, warpsM: 2, warpsN: 2, right: OperandForm.Bfloat16)]
[TensorCoreProduct("Gradient", ProductLayout.TN, LargeTile, LargeTile, Depth, stages: 2, warpsM: 2, warpsN: 4)]
[TensorCoreProduct("GradientSmall", ProductLayout.TN, SmallTile, SmallTile, Depth, stages: 2, warpsM: 2, warpsN: 2)]
[TensorCoreProduct("Columns", ProductLayout.NN, SmallTile, SmallTile, Depth, stages: 2, warpsM: 2, warpsN: 2, left: OperandForm.RaggedFloat32)]
[TensorCoreProduct("ColumnsBackward", ProductLayout.TN, SmallTile, SmallTile, Depth, stages: 2, warpsM: 2, warpsN: 2, left: OperandForm.RaggedFloat32)]
[TensorCoreProduct("ColumnsGradient", ProductLayout.NT, SmallTile, SmallTile, Depth, stages: 2, warpsM: 2, warpsN: 2, epilogue: ProductEpilogue.RaggedAdd, sumsSamples: true)]
internal static partial class TensorCoreKernels
{
    public const int LargeTile = 128;

    public const int LargeThreads = 256;

    public const int SmallTile = 64;

    public const int SmallThreads = 128;

    /// <summary>Summed indices of a step.</summary>
    public const int Depth = 32;
}
