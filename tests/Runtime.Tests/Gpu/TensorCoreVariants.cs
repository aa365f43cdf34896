namespace Graph.Tests.Gpu;

/// <summary>
/// Products that the runtime does not have (yet) but the attribute allows: every layout with each form of both factors, lines of 32, 128 and
/// 256 bytes, two to four stages, one warp down, everything ragged.
/// </summary>
[TensorCoreProduct("Copied", ProductLayout.NT, 64, 64, 64, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.Store)]
[TensorCoreProduct("CopiedFlat", ProductLayout.NN, 64, 128, 16, stages: 4, warpsM: 1, warpsN: 4, OperandForm.Bfloat16, OperandForm.Bfloat16, ProductEpilogue.Store)]
[TensorCoreProduct("CopiedGradient", ProductLayout.TN, 64, 64, 32, stages: 3, warpsM: 2, warpsN: 2, OperandForm.Bfloat16, OperandForm.Bfloat16)]
[TensorCoreProduct("Mixed", ProductLayout.NT, 64, 64, 32, stages: 3, warpsM: 2, warpsN: 2, right: OperandForm.Bfloat16)]
[TensorCoreProduct("RoundedGradient", ProductLayout.TN, 64, 64, 32, stages: 2, warpsM: 2, warpsN: 2)]
[TensorCoreProduct("Rounded", ProductLayout.NN, 64, 64, 32, stages: 2, warpsM: 2, warpsN: 2)]
[TensorCoreProduct("RoundedDeep", ProductLayout.NT, 64, 64, 32, stages: 2, warpsM: 4, warpsN: 1)]
[TensorCoreProduct("MixedGradient", ProductLayout.TN, 128, 64, 16, stages: 3, warpsM: 4, warpsN: 1, left: OperandForm.Bfloat16)]
[TensorCoreProduct("Ragged", ProductLayout.NN, 64, 64, 32, stages: 2, warpsM: 2, warpsN: 2, OperandForm.RaggedFloat32, OperandForm.RaggedFloat32, ProductEpilogue.RaggedAdd)]
[TensorCoreProduct("RaggedDeep", ProductLayout.NT, 64, 64, 32, stages: 2, warpsM: 2, warpsN: 2, OperandForm.RaggedFloat32, OperandForm.RaggedFloat32, ProductEpilogue.RaggedAdd)]
internal static partial class TensorCoreVariants;
